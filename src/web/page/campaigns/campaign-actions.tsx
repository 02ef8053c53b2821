import { useState } from "preact/hooks";
import type { CampaignAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";
import { go } from "../parts/place.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";
import { plural } from "../words.ts";

interface CampaignActionsProps {
  campaign: CampaignAnswer;
  onChange: () => void;
}

/** What may be done about it while it goes on, and what once it is over. */
export function CampaignActions(props: CampaignActionsProps) {
  return props.campaign.final ? <Retry {...props} /> : <Steer {...props} />;
}

/** Pause, resume, cancel. */
function Steer(props: CampaignActionsProps) {
  const { id, name, state, counts } = props.campaign;
  const server = useServer();
  const may = useMay();
  const act = useAct();
  const [isAsked, setIsAsked] = useState(false);
  const [mayFinish, setMayFinish] = useState(false);
  const ask = (verb: string, body: object = {}) =>
    void act.run(() => server.post(`/v1/campaigns/${id}/${verb}`, body)).then(props.onChange);
  if (!may("POST /v1/campaigns/{id}/cancel")) return null;
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

/** What failed is deployed again as a whole, once. */
function Retry({ campaign: { id, name, counts, retriedAs } }: CampaignActionsProps) {
  const server = useServer();
  const may = useMay();
  const act = useAct();
  const [isAsked, setIsAsked] = useState(false);
  const retry = () =>
    void act.run(async () => {
      const made = await server.post<CampaignAnswer>(`/v1/campaigns/${id}/retry`, {});
      go(`/campaigns/${made.id}`);
    });
  if (counts.failed === 0 || retriedAs !== null || !may("POST /v1/campaigns/{id}/retry")) return null;
  return (
    <div class="actions">
      <button type="button" class="primary" disabled={act.isBusy} onClick={() => setIsAsked(true)}>
        {act.isBusy ? "Asking …" : "Deploy what failed again …"}
      </button>
      {act.error !== undefined && <Problem error={act.error} />}
      {isAsked && (
        <Confirm
          title={`Deploy what failed of ${name} again`}
          action="Deploy again"
          onConfirm={retry}
          onClose={() => setIsAsked(false)}
        >
          <p>
            A new campaign of the same name deploys {plural(counts.failed, "node")} in the same way and under
            the same limits. Nodes that were deployed since are left out.
          </p>
        </Confirm>
      )}
    </div>
  );
}
