import type { DeploymentAnswer, Page, RecordState } from "../../../client/index.ts";
import { Choice, SearchField } from "../fleet/filters.tsx";
import { LiveMark, useLive } from "../parts/live.tsx";
import { Notice } from "../parts/notice.tsx";
import { useNow } from "../parts/now.ts";
import { Pages } from "../parts/pages.tsx";
import { go, Link, usePlace, useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { readPairs } from "../words.ts";
import { DeploymentTable } from "./deployment-table.tsx";

const STATES: readonly RecordState[] = ["queued", "running", "succeeded", "failed", "cancelled"];
const EVERY_MS = 5000;

/** All deployments, the newest first. */
export function DeploymentsPage() {
  useTitle("Deployments");
  const nowMs = useNow();
  const { search } = usePlace();
  const given = new URLSearchParams(search);
  const state = STATES.find((one) => one === given.get("state")) ?? "";
  const [node, labels, cursor] = [
    given.get("node") ?? "",
    given.get("labels") ?? "",
    given.get("cursor") ?? "",
  ];
  const asked = new URLSearchParams({
    limit: "50",
    ...(state && { state }),
    ...(node && { node }),
    ...(cursor && { cursor }),
  });
  for (const [name, value] of Object.entries(readPairs(labels))) asked.append("label", `${name}:${value}`);
  const read = useRead<Page<DeploymentAnswer>>(`/v1/deployments?${asked}`, EVERY_MS);
  const live = useLive("/v1/events", { onEvent: read.refresh, onReset: read.refresh });
  const show = (next: Record<string, string>, replace = false) => {
    const all = { state, node, labels, cursor: "", ...next };
    const set = Object.entries(all).filter(([, value]) => value !== "");
    go(set.length === 0 ? "/deployments" : `/deployments?${new URLSearchParams(set)}`, { replace });
  };
  return (
    <>
      <div class="heading">
        <h1>Deployments</h1>
        <LiveMark state={live} />
      </div>
      <search class="filters">
        <Choice label="State" value={state} values={STATES} onChange={(next) => show({ state: next })} />
        <SearchField
          name="Name of the node, whole"
          placeholder="Node: rack1-u07"
          text={node}
          onChange={(next) => show({ node: next.trim() }, true)}
        />
        <SearchField
          name="Labels that a deployment must carry"
          placeholder="Labels: wave=1"
          text={labels}
          onChange={(next) => show({ labels: next }, true)}
        />
      </search>
      <Notice read={read} what="deployments" />
      {read.data !== undefined && (
        <>
          {read.data.items.length === 0 ? (
            <div class="empty">
              <h2>No deployments here</h2>
              <p>
                Choose nodes in the <Link href="/">fleet</Link> and deploy them.
              </p>
            </div>
          ) : (
            <DeploymentTable deployments={read.data.items} nowMs={nowMs} />
          )}
          <Pages
            isFirst={cursor === ""}
            next={read.data.nextCursor}
            onTurn={(next) => show({ cursor: next })}
          />
        </>
      )}
    </>
  );
}
