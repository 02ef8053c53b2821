import type { DeploymentAnswer, NodeAnswer, Page } from "../../../client/index.ts";
import { DeploymentTable } from "../deployment/deployment-table.tsx";
import { Badge, FactMark } from "../parts/badge.tsx";
import { Facts } from "../parts/facts.tsx";
import { LiveMark, useLive } from "../parts/live.tsx";
import { Notice } from "../parts/notice.tsx";
import { useNow } from "../parts/now.ts";
import { Link, useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { nodeFacts, nodeStatus } from "../status.ts";
import { showAge } from "../words.ts";
import { CapabilityReport } from "./capability-report.tsx";
import { Flags } from "./flags.tsx";
import { NodeActions } from "./node-actions.tsx";
import { Preflight } from "./preflight.tsx";
import { Outage } from "./standing.tsx";

const EVERY_MS = 10_000;

/** One machine: what is known of it, whether it can be deployed, and what was. */
export function NodePage({ id }: { id: string }) {
  const read = useRead<NodeAnswer>(`/v1/nodes/${encodeURIComponent(id)}`, EVERY_MS);
  const history = useRead<Page<DeploymentAnswer>>(
    `/v1/deployments?node=${encodeURIComponent(id)}&limit=20`,
    EVERY_MS,
  );
  const refresh = () => {
    read.refresh();
    history.refresh();
  };
  const live = useLive("/v1/events", { onEvent: refresh, onReset: refresh });
  const nowMs = useNow();
  const node = read.data;
  useTitle(node?.name ?? "Node");
  return (
    <>
      <div class="heading">
        <p class="trail">
          <Link href="/">Fleet</Link>
        </p>
        <LiveMark state={live} />
      </div>
      <Notice read={read} what="the node" />
      {node !== undefined && (
        <>
          <div class="head">
            <div>
              <h1>
                {node.name} <Badge {...nodeStatus(node)} />
              </h1>
              <div class="facts">
                {nodeFacts(node).map((fact) => (
                  <FactMark key={fact.word} {...fact} />
                ))}
              </div>
            </div>
            <NodeActions node={node} onChange={refresh} />
          </div>
          <Outage node={node} nowMs={nowMs} onChange={refresh} />
          <div class="columns columns-even">
            <div>
              <section aria-labelledby="facts">
                <h2 id="facts">What is known</h2>
                <Known node={node} nowMs={nowMs} />
                <Flags node={node} onChange={refresh} />
              </section>
              <CapabilityReport found={node.capabilities ?? null} nowMs={nowMs} />
            </div>
            <Preflight node={node} onChange={refresh} />
          </div>
          <section aria-labelledby="history">
            <h2 id="history">Deployments</h2>
            <Notice read={history} what="its deployments" />
            {history.data !== undefined &&
              (history.data.items.length === 0 ? (
                <p class="quiet">It has not been deployed yet.</p>
              ) : (
                <DeploymentTable deployments={history.data.items} nowMs={nowMs} />
              ))}
          </section>
        </>
      )}
    </>
  );
}

function Known({ node, nowMs }: { node: NodeAnswer; nowMs: number }) {
  const { bmc, media } = node;
  const unknown = <span class="quiet">not seen yet</span>;
  const labels = Object.entries(node.labels).map(([name, value]) => `${name}=${value}`);
  const none = <span class="quiet">none</span>;
  return (
    <Facts
      rows={[
        ["BMC", <span class="mono wrap">{bmc.address}</span>],
        ["User", bmc.username],
        ["Certificate", <Certificate bmc={bmc} />],
        [
          "Session",
          bmc.standing?.hasSession === true ? "one of ours is open, shared by all" : "none is open",
        ],
        ["Machine", [node.manufacturer, node.model].filter((part) => part !== null).join(" ") || unknown],
        ["Serial number", node.serialNumber ?? unknown],
        ["System", node.systemPath === null ? unknown : <span class="mono">{node.systemPath}</span>],
        ["Seen", node.seenAt === null ? unknown : `${showAge(nowMs - Date.parse(node.seenAt))} ago`],
        ["Architecture", `${node.arch}${node.bootMode === null ? "" : `, ${node.bootMode}`}`],
        ["Place", [node.site, node.rack].filter((part) => part !== null).join(" · ") || none],
        ["MAC addresses", node.macs.length === 0 ? none : node.macs.join(", ")],
        ["Labels", labels.length === 0 ? none : labels.join(", ")],
        ["Disc", media === null ? none : <Disc media={media} />],
      ]}
    />
  );
}

function Certificate({ bmc: { tls, insecure } }: { bmc: NodeAnswer["bmc"] }) {
  if (insecure) return <span class="warn-text">insecure: anybody on the way could read the password</span>;
  if (tls.mode === "verify") return "verified by its authority";
  if (tls.fingerprint === undefined) return "the first one that is seen is kept";
  return <span class="mono wrap">{tls.fingerprint}</span>;
}

function Disc({ media: { deploymentId, slot, eject, owed } }: { media: NonNullable<NodeAnswer["media"]> }) {
  return (
    <>
      <Link href={`/deployments/${deploymentId}`}>of a deployment</Link> in <span class="mono">{slot}</span>,
      leaves {eject}
      {owed !== null && <span class="warn-text">; owed: {owed}</span>}
    </>
  );
}
