import { useState } from "preact/hooks";
import type { NodeAnswer, OperationAnswer } from "../../../client/index.ts";
import { DeployDialog } from "../fleet/deploy-dialog.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";
import { go } from "../parts/place.tsx";
import { useServer } from "../parts/read.ts";

interface Action {
  label: string;
  path: string;
  body: object;
  /** What a person should know before. */
  warning: string;
}

const ACTIONS: readonly Action[] = [
  { label: "Power on", path: "power", body: { action: "on" }, warning: "The machine is switched on." },
  {
    label: "Shut down",
    path: "power",
    body: { action: "off" },
    warning: "The operating system is asked to shut down.",
  },
  {
    label: "Force off",
    path: "power",
    body: { action: "force-off" },
    warning: "The machine loses its power at once; unsaved data is lost.",
  },
  { label: "Restart", path: "power", body: { action: "restart" }, warning: "The machine restarts." },
  { label: "Eject disc", path: "media/eject", body: {}, warning: "Whatever disc is in the slot leaves it." },
];

/** Deploy, power and eject. While a deployment runs, the last two are its own business. */
export function NodeActions({ node, onChange }: { node: NodeAnswer; onChange: () => void }) {
  const server = useServer();
  const [asked, setAsked] = useState<Action | "deploy">();
  const [underWay, setUnderWay] = useState<string>();
  const [error, setError] = useState<Error>();
  const isDeploying = node.state === "deploying";
  const act = async ({ label, path, body }: Action) => {
    setError(undefined);
    setUnderWay(label);
    try {
      const done = await server.post<OperationAnswer>(`/v1/nodes/${node.id}/${path}?waitMs=60000`, body);
      if (done.error !== null) setError(new Error(done.error.message));
    } catch (failure) {
      setError(failure as Error);
    }
    setUnderWay(undefined);
    onChange();
  };
  return (
    <div class="actions">
      <button type="button" class="primary" onClick={() => setAsked("deploy")}>
        Deploy …
      </button>
      {ACTIONS.map((action) => (
        <button
          key={action.label}
          type="button"
          disabled={isDeploying || underWay !== undefined}
          title={isDeploying ? "A deployment has the node" : action.warning}
          onClick={() => setAsked(action)}
        >
          {underWay === action.label ? `${action.label} …` : action.label}
        </button>
      ))}
      {error !== undefined && <Problem error={error} />}
      {asked === "deploy" && (
        <DeployDialog
          nodes={[node]}
          onClose={() => setAsked(undefined)}
          onAllAccepted={({ id }) => go(`/deployments/${id}`)}
        />
      )}
      {typeof asked === "object" && (
        <Confirm
          title={`${asked.label}: ${node.name}`}
          action={asked.label}
          isDangerous={asked.label === "Force off"}
          onConfirm={() => void act(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>{asked.warning}</p>
        </Confirm>
      )}
    </div>
  );
}
