import { useState } from "preact/hooks";
import type { DeploymentAnswer, NodeAnswer } from "../../../client/index.ts";
import { Dialog } from "../parts/dialog.tsx";
import { forEach, type Outcome } from "../parts/for-each.ts";
import { useServer } from "../parts/read.ts";
import { plural } from "../words.ts";

interface DeployDialogProps {
  nodes: readonly NodeAnswer[];
  onClose: () => void;
  /** @param accepted the deployment of the last node */
  onAllAccepted: (accepted: DeploymentAnswer) => void;
}

const FINISHES = {
  "": "as usual: the machine has booted from the disc",
  "powered-on": "the machine is on",
  "os-running": "the BMC says that the operating system runs",
  "powered-off": "the installer has switched the machine off",
  callback: "the installer has called back",
};

/** Asks what to boot, and deploys it to each of the nodes. What is not asked for here is Trayload's usual choice. */
export function DeployDialog({ nodes, onClose, onAllAccepted }: DeployDialogProps) {
  const server = useServer();
  const [refused, setRefused] = useState<Outcome<NodeAnswer>[]>([]);
  const [left, setLeft] = useState<readonly NodeAnswer[]>(nodes);
  const [isBusy, setIsBusy] = useState(false);

  const deploy = async (event: SubmitEvent) => {
    event.preventDefault();
    const request = requestOf(new FormData(event.currentTarget as HTMLFormElement));
    const failures: Outcome<NodeAnswer>[] = [];
    let accepted: DeploymentAnswer | undefined;
    setIsBusy(true);
    const ask = async (node: NodeAnswer) => {
      accepted = await server.post<DeploymentAnswer>("/v1/deployments", { ...request, node: node.id });
    };
    await forEach(left, ask, (outcome) => outcome.error !== undefined && failures.push(outcome));
    setIsBusy(false);
    setRefused(failures);
    setLeft(failures.map(({ item }) => item));
    if (failures.length === 0) onAllAccepted(accepted!);
  };

  const [only] = nodes;
  const title = nodes.length === 1 ? `Deploy ${only!.name}` : `Deploy ${plural(nodes.length, "node")}`;
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void deploy(event)}>
        {refused.length > 0 && <Refusals outcomes={refused} of={nodes.length} />}
        <Fields isoUrl={only!.deployment?.boot.iso?.url ?? ""} />
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Not now
          </button>
          <button type="submit" class="primary" disabled={isBusy}>
            {isBusy
              ? "Asking …"
              : `Deploy ${left.length === 1 ? left[0]!.name : plural(left.length, "node")}`}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Fields({ isoUrl }: { isoUrl: string }) {
  return (
    <>
      <label>
        Boot ISO
        <input
          name="url"
          type="text"
          inputMode="url"
          required
          placeholder="https://images.example/installer.iso"
          defaultValue={isoUrl}
        />
      </label>
      <label>
        Checksum <span class="quiet">recommended: what is booted is then what you mean</span>
        <input name="checksum" type="text" spellcheck={false} placeholder="sha256:…" />
      </label>
      <label>
        It has succeeded when
        <select name="finish">
          {Object.entries(FINISHES).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input name="queue" type="checkbox" />
        Wait for a node that is busy
      </label>
      <p class="hint">The machine is switched off, and boots from this disc.</p>
    </>
  );
}

function Refusals({ outcomes, of }: { outcomes: readonly Outcome<NodeAnswer>[]; of: number }) {
  return (
    <div class="notice notice-bad" role="alert">
      {of > outcomes.length && <p>The other {plural(of - outcomes.length, "deployment")} began.</p>}
      <ul>
        {outcomes.map(({ item, error }) => (
          <li key={item.id}>
            <strong>{item.name}</strong>: {error?.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

function requestOf(form: FormData) {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const checksum = text("checksum");
  const finish = text("finish");
  return {
    boot: { iso: { url: text("url"), ...(checksum === "" ? {} : { checksum }) } },
    ...(finish === "" ? {} : { finish }),
    ...(form.has("queue") ? { whenBusy: "queue" } : {}),
  };
}
