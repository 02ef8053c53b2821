import { useState } from "preact/hooks";
import type { OperationAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Confirm } from "../parts/dialog.tsx";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";

interface Action {
  label: string;
  path: "power" | "media/eject";
  body: object;
  /** What a person should know before. */
  warning: string;
  isHard?: true;
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
    isHard: true,
  },
  {
    label: "Restart",
    path: "power",
    body: { action: "restart" },
    warning: "The operating system is asked to shut down, then the machine is switched on.",
  },
  {
    label: "Power cycle",
    path: "power",
    body: { action: "power-cycle" },
    warning: "The machine loses its power at once, then it is switched on; unsaved data is lost.",
    isHard: true,
  },
  { label: "Eject disc", path: "media/eject", body: {}, warning: "Whatever disc is in the slot leaves it." },
];

interface MachineActionsProps {
  node: { id: string; name: string };
  /** A deployment has the node: power and disc are its own business. */
  isHeld: boolean;
  onChange: () => void;
}

/** Power and eject, each asked about before it is done. */
export function MachineActions({ node, isHeld, onChange }: MachineActionsProps) {
  const server = useServer();
  const may = useMay();
  const act = useAct();
  const [asked, setAsked] = useState<Action>();
  const [underWay, setUnderWay] = useState<string>();
  const operate = async ({ label, path, body }: Action) => {
    setUnderWay(label);
    await act.run(async () => {
      const done = await server.post<OperationAnswer>(`/v1/nodes/${node.id}/${path}?waitMs=60000`, body);
      if (done.error !== null) throw new Error(done.error.message);
    });
    setUnderWay(undefined);
    onChange();
  };
  return (
    <>
      {ACTIONS.filter(({ path }) => may(`POST /v1/nodes/{id}/${path}`)).map((action) => (
        <button
          key={action.label}
          type="button"
          disabled={isHeld || act.isBusy}
          title={isHeld ? "A deployment has the node" : action.warning}
          onClick={() => setAsked(action)}
        >
          {underWay === action.label ? `${action.label} …` : action.label}
        </button>
      ))}
      {act.error !== undefined && <Problem error={act.error} />}
      {asked !== undefined && (
        <Confirm
          title={`${asked.label}: ${node.name}`}
          action={asked.label}
          isDangerous={asked.isHard === true}
          onConfirm={() => void operate(asked)}
          onClose={() => setAsked(undefined)}
        >
          <p>{asked.warning}</p>
        </Confirm>
      )}
    </>
  );
}
