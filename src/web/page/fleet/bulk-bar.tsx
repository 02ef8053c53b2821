import { useState } from "preact/hooks";
import type { NodeAnswer } from "../../../client/index.ts";
import { CampaignDialog } from "../campaigns/campaign-dialog.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { forEach, type Outcome } from "../parts/for-each.ts";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";
import { isWorking } from "../status.ts";
import { plural } from "../words.ts";
import { DeployDialog } from "./deploy-dialog.tsx";

/** What can be done to the nodes that were chosen. */
export function BulkBar({ chosen, onDone }: { chosen: readonly NodeAnswer[]; onDone: () => void }) {
  const [asked, setAsked] = useState<"deploy" | "campaign" | "cancel">();
  const [refused, setRefused] = useState<Outcome<NodeAnswer>[]>([]);
  const server = useServer();
  const may = useMay();
  const running = chosen.filter(isWorking);
  const close = () => setAsked(undefined);
  const cancel = () => {
    setRefused([]);
    const ask = (node: NodeAnswer) => server.post(`/v1/deployments/${node.deployment!.id}/cancel`, {});
    void forEach(running, ask, (outcome) => {
      if (outcome.error !== undefined) setRefused((all) => [...all, outcome]);
    }).then(onDone);
  };
  return (
    <>
      {refused.length > 0 && <Refused outcomes={refused} onClose={() => setRefused([])} />}
      {chosen.length > 0 && (
        <div class="bulk" role="region" aria-label="Chosen nodes">
          <strong>{plural(chosen.length, "node")} chosen</strong>
          {may("POST /v1/deployments") && (
            <button type="button" class="primary" onClick={() => setAsked("deploy")}>
              Deploy …
            </button>
          )}
          {may("POST /v1/campaigns") && (
            <button type="button" onClick={() => setAsked("campaign")}>
              Campaign …
            </button>
          )}
          {may("POST /v1/deployments/{id}/cancel") && (
            <button type="button" disabled={running.length === 0} onClick={() => setAsked("cancel")}>
              Cancel deployments …
            </button>
          )}
          <button type="button" class="plain" onClick={onDone}>
            Choose none
          </button>
        </div>
      )}
      {asked === "deploy" && (
        <DeployDialog nodes={chosen} onClose={close} onAllAccepted={() => (onDone(), close())} />
      )}
      {asked === "campaign" && <CampaignDialog nodes={chosen} onClose={close} />}
      {asked === "cancel" && (
        <Confirm
          title="Cancel deployments"
          action="Cancel them"
          isDangerous
          onConfirm={cancel}
          onClose={close}
        >
          <p>
            {plural(running.length, "deployment")} will end after the current step; each machine's disc is
            ejected.
          </p>
        </Confirm>
      )}
    </>
  );
}

function Refused({ outcomes, onClose }: { outcomes: readonly Outcome<NodeAnswer>[]; onClose: () => void }) {
  return (
    <div class="notice notice-bad" role="alert">
      <ul>
        {outcomes.map(({ item, error }) => (
          <li key={item.id}>
            <strong>{item.name}</strong>: {error?.message}
          </li>
        ))}
      </ul>
      <button type="button" onClick={onClose}>
        Understood
      </button>
    </div>
  );
}
