import { type Newest, type NodeAnswer, showDuration } from "../../../client/index.ts";
import { Badge, FactMark, figuresOf, ProgressBar } from "../parts/badge.tsx";
import { Link } from "../parts/place.tsx";
import { nodeFacts, nodeStatus } from "../status.ts";
import { showAge, showBoot } from "../words.ts";

interface RowProps {
  node: NodeAnswer;
  nowMs: number;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
}

export function FleetRow({ node, nowMs, isChosen, onChoose }: RowProps) {
  const place = [node.site, node.rack].filter((part) => part !== null).join(" · ");
  return (
    <tr class={isChosen ? "chosen" : ""}>
      <td class="pick">
        <input
          type="checkbox"
          aria-label={`Choose ${node.name}`}
          checked={isChosen}
          onChange={(event) => onChoose(event.currentTarget.checked)}
        />
      </td>
      <th scope="row">
        <Link href={`/nodes/${node.id}`}>{node.name}</Link>
        <small>{place}</small>
      </th>
      <td>
        {[node.manufacturer, node.model].filter((part) => part !== null).join(" ") || "not seen yet"}
        <small class="mono">{node.bmc.address.replace(/^https:\/\//, "")}</small>
      </td>
      <td>
        <Badge {...nodeStatus(node)} />
        <small>{node.deployment !== null && doing(node.deployment)}</small>
      </td>
      <td class="progress">
        <Progress node={node} nowMs={nowMs} />
      </td>
      <td>
        <div class="facts">
          {nodeFacts(node).map((fact) => (
            <FactMark key={fact.word} {...fact} />
          ))}
        </div>
      </td>
      <td>
        {node.deployment === null ? (
          <span class="quiet">none yet</span>
        ) : (
          <Last {...node.deployment} nowMs={nowMs} />
        )}
      </td>
    </tr>
  );
}

/** Which step, and what it waits for; or why it failed. */
function doing({ step, stepNumber, stepCount, waitingOn, error, state }: Newest): string {
  if (error !== null) return error.message;
  if (step === null) return "";
  const place = `${stepNumber}/${stepCount} ${step}`;
  return waitingOn === null || state !== "running" ? place : `${place}, waits for ${waitingOn.what}`;
}

function Progress({ node: { name, deployment }, nowMs }: { node: NodeAnswer; nowMs: number }) {
  const progress = deployment?.progress;
  if (progress == null) return null;
  return (
    <>
      <ProgressBar percent={progress.percent} label={`${name}: share of the disc read`} />
      <small>{figuresOf(progress, nowMs, false).join(", ")}</small>
    </>
  );
}

function Last({ id, boot, createdAt, startedAt, endedAt, nowMs }: Newest & { nowMs: number }) {
  const began = Date.parse(startedAt ?? createdAt);
  const age =
    endedAt === null
      ? `for ${showAge(nowMs - began)}`
      : `${showAge(nowMs - Date.parse(endedAt))} ago, took ${showDuration(Date.parse(endedAt) - began)}`;
  return (
    <>
      <Link href={`/deployments/${id}`}>{showBoot(boot)}</Link>
      <small>{age}</small>
    </>
  );
}
