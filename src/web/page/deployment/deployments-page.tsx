import type { DeploymentAnswer, Page, RecordState } from "../../../client/index.ts";
import { Choice } from "../fleet/filters.tsx";
import { LiveMark, useLive } from "../parts/live.tsx";
import { Notice } from "../parts/notice.tsx";
import { useNow } from "../parts/now.ts";
import { go, Link, usePlace, useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
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
  const cursor = given.get("cursor") ?? "";
  const asked = new URLSearchParams({ limit: "50", ...(state && { state }), ...(cursor && { cursor }) });
  const read = useRead<Page<DeploymentAnswer>>(`/v1/deployments?${asked}`, EVERY_MS);
  const live = useLive("/v1/events", { onEvent: read.refresh, onReset: read.refresh });
  const show = (next: { state?: string; cursor?: string }) => {
    const set = Object.entries(next).filter(([, value]) => value !== "");
    go(set.length === 0 ? "/deployments" : `/deployments?${new URLSearchParams(set)}`);
  };
  return (
    <>
      <div class="heading">
        <h1>Deployments</h1>
        <LiveMark state={live} />
      </div>
      <search class="filters">
        <Choice label="State" value={state} values={STATES} onChange={(next) => show({ state: next })} />
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
          <nav class="pages" aria-label="Pages of the table">
            {cursor !== "" && (
              <button type="button" onClick={() => show({ state })}>
                Newest
              </button>
            )}
            {read.data.nextCursor !== null && (
              <button type="button" onClick={() => show({ state, cursor: read.data!.nextCursor! })}>
                Older
              </button>
            )}
          </nav>
        </>
      )}
    </>
  );
}
