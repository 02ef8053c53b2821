import { useState } from "preact/hooks";
import type { CampaignAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";

/** Pause, resume, cancel. */
export function CampaignActions(props: { campaign: CampaignAnswer; onChange: () => void }) {
  const { id, name, state, final, counts } = props.campaign;
  const server = useServer();
  const may = useMay();
  const act = useAct();
  const [isAsked, setIsAsked] = useState(false);
  const [mayFinish, setMayFinish] = useState(false);
  const ask = (verb: string, body: object = {}) =>
    void act.run(() => server.post(`/v1/campaigns/${id}/${verb}`, body)).then(props.onChange);
  if (final || !may("POST /v1/campaigns/{id}/cancel")) return null;
  return (
    <div class="actions">
      {state === "running" && (
        <button type="button" disabled={act.isBusy} onClick={() => ask("pause")}>
          Pause
        </button>
      )}
      {state === "paused" && (
        <button type="button" class="primary" disabled={act.isBusy} onClick={() => ask("resume")}>
          Resume
        </button>
      )}
      <button type="button" disabled={act.isBusy || state === "cancelling"} onClick={() => setIsAsked(true)}>
        {state === "cancelling" ? "Cancelling …" : "Cancel …"}
      </button>
      {act.error !== undefined && <Problem error={act.error} />}
      {isAsked && (
        <Confirm
          title={`Cancel ${name}`}
          action="Cancel it"
          isDangerous
          onConfirm={() => ask("cancel", { running: mayFinish ? "finish" : "cancel" })}
          onClose={() => setIsAsked(false)}
        >
          <p>No more deployments begin: {counts.waiting} nodes are left as they are.</p>
          <label class="check">
            <input
              type="checkbox"
              checked={mayFinish}
              onChange={(event) => setMayFinish(event.currentTarget.checked)}
            />
            Let the {counts.running} that were begun come to their end
          </label>
        </Confirm>
      )}
    </div>
  );
}
