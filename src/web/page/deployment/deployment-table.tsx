import { type DeploymentAnswer, showDuration } from "../../../client/index.ts";
import { Badge } from "../parts/badge.tsx";
import { Link } from "../parts/place.tsx";
import { recordStatus } from "../status.ts";
import { showAge, showBoot } from "../words.ts";

export function DeploymentTable({
  deployments,
  nowMs,
}: {
  deployments: readonly DeploymentAnswer[];
  nowMs: number;
}) {
  return (
    <div class="table-frame" role="region" aria-label="Deployments" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Deployment</th>
            <th scope="col">Node</th>
            <th scope="col">State</th>
            <th scope="col">Asked</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {deployments.map((deployment) => (
            <Row key={deployment.id} deployment={deployment} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ deployment, nowMs }: { deployment: DeploymentAnswer; nowMs: number }) {
  const { id, node, state, step, error, request, createdAt, startedAt, endedAt, cancelRequested } =
    deployment;
  return (
    <tr>
      <th scope="row">
        <Link href={`/deployments/${id}`}>{showBoot(request.boot)}</Link>
        <small class="mono">{id}</small>
      </th>
      <td class="nowrap">
        <Link href={`/nodes/${node.id}`}>{node.name}</Link>
      </td>
      <td>
        <Badge {...recordStatus(state, cancelRequested !== null)} />
        <small>{error?.message ?? step ?? ""}</small>
      </td>
      <td class="nowrap">{showAge(nowMs - Date.parse(createdAt))} ago</td>
      <td>
        {startedAt !== null &&
          showDuration((endedAt === null ? nowMs : Date.parse(endedAt)) - Date.parse(startedAt))}
      </td>
    </tr>
  );
}
