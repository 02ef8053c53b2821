import { useState } from "preact/hooks";
import type { DeploymentAnswer, NodeAnswer } from "../../../client/index.ts";
import { Dialog } from "../parts/dialog.tsx";
import { forEach, type Outcome } from "../parts/for-each.ts";
import { useAct } from "../parts/act.ts";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";
import { plural } from "../words.ts";
import { BootFields } from "./boot-fields.tsx";
import { MoreFields } from "./more-fields.tsx";
import { OwnFields } from "./own-fields.tsx";
import { type Kind, type OwnFile, requestOf } from "./request.ts";

interface DeployDialogProps {
  nodes: readonly NodeAnswer[];
  onClose: () => void;
  /** @param accepted the deployment of the last node */
  onAllAccepted: (accepted: DeploymentAnswer) => void;
}

/** From here on a campaign is the better way. */
const MANY = 50;

/** Asks what to boot, and deploys it to each of the nodes. What is not asked for here is Trayload's usual choice. */
export function DeployDialog({ nodes, onClose, onAllAccepted }: DeployDialogProps) {
  const server = useServer();
  const act = useAct();
  const [kind, setKind] = useState<Kind>("iso");
  const [files, setFiles] = useState<readonly OwnFile[]>([]);
  const [refused, setRefused] = useState<Outcome<NodeAnswer>[]>([]);
  const [left, setLeft] = useState<readonly NodeAnswer[]>(nodes);

  const deploy = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const failures: Outcome<NodeAnswer>[] = [];
    let accepted: DeploymentAnswer | undefined;
    await act.run(async () => {
      const request = requestOf(kind, form, files);
      const ask = async (node: NodeAnswer) => {
        accepted = await server.post<DeploymentAnswer>("/v1/deployments", { ...request, node: node.id });
      };
      await forEach(left, ask, (outcome) => outcome.error !== undefined && failures.push(outcome));
      setRefused(failures);
      setLeft(failures.map(({ item }) => item));
      if (failures.length === 0) onAllAccepted(accepted!);
    });
  };

  const [only] = nodes;
  const title = nodes.length === 1 ? `Deploy ${only!.name}` : `Deploy ${plural(nodes.length, "node")}`;
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void deploy(event)}>
        {act.error !== undefined && <Problem error={act.error} />}
        {refused.length > 0 && <Refusals outcomes={refused} of={nodes.length} />}
        <BootFields kind={kind} onKind={setKind} isoUrl={only!.deployment?.boot.iso?.url ?? ""} />
        <OwnFields files={files} onFiles={setFiles} />
        <MoreFields kind={kind} />
        <p class="hint">
          The machine is switched off, and boots from this disc.
          {kind === "write" && " What is on the disk that is written to is lost."}
          {nodes.length > MANY && " So many begin at once; a campaign begins them under limits."}
        </p>
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="primary" disabled={act.isBusy}>
            {act.isBusy
              ? "Asking …"
              : `Deploy ${left.length === 1 ? left[0]!.name : plural(left.length, "node")}`}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const SHOWN = 20;

function Refusals({ outcomes, of }: { outcomes: readonly Outcome<NodeAnswer>[]; of: number }) {
  return (
    <div class="notice notice-bad" role="alert">
      {of > outcomes.length && <p>The other {plural(of - outcomes.length, "deployment")} began.</p>}
      <ul>
        {outcomes.slice(0, SHOWN).map(({ item, error }) => (
          <li key={item.id}>
            <strong>{item.name}</strong>: {error?.message}
          </li>
        ))}
      </ul>
      {outcomes.length > SHOWN && <p>and {plural(outcomes.length - SHOWN, "other")}</p>}
    </div>
  );
}
