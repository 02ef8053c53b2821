import type { NodeAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";
import { showAge } from "../words.ts";

/** That the BMC is left alone for a while, why, and a way to try it at once. */
export function Outage(props: { node: NodeAnswer; nowMs: number; onChange: () => void }) {
  const { node, nowMs, onChange } = props;
  const server = useServer();
  const may = useMay();
  const act = useAct();
  const outage = node.bmc.standing?.outage;
  if (outage == null) return null;
  const waitMs = Date.parse(outage.nextTryAt) - nowMs;
  const tryNow = () =>
    void act.run(() => server.post(`/v1/nodes/${node.id}/breaker/reset`, {})).then(() => onChange());
  return (
    <div class="notice notice-warn" role="alert">
      <p>
        <strong>The BMC cannot be reached</strong> since {new Date(outage.since).toLocaleString()} (
        {outage.failures} connections failed). It is left alone{" "}
        {waitMs > 0 ? `for another ${showAge(waitMs)}` : "until somebody asks"}.
        {may("POST /v1/nodes/{id}/breaker/reset") && (
          <button type="button" disabled={act.isBusy} onClick={tryNow}>
            Let it be tried now
          </button>
        )}
      </p>
      {act.error !== undefined && <Problem error={act.error} />}
    </div>
  );
}
