import type { NodeAnswer } from "../../../client/index.ts";
import { useAct } from "../parts/act.ts";
import { Problem } from "../parts/notice.tsx";
import { useServer } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";

const FLAGS = {
  maintenance: "Maintenance: kept out of campaigns and queues",
  protected: "Protected: refuses deployments, power-off and eject",
} as const;

/** What keeps a node from being touched; set where the role may. */
export function Flags({ node, onChange }: { node: NodeAnswer; onChange: () => void }) {
  const server = useServer();
  const may = useMay();
  const act = useAct();
  if (!may("PATCH /v1/nodes/{id}")) return null;
  const set = (flag: keyof typeof FLAGS, isOn: boolean) =>
    void act.run(() => server.patch(`/v1/nodes/${node.id}`, { [flag]: isOn })).then(onChange);
  return (
    <>
      {(Object.keys(FLAGS) as (keyof typeof FLAGS)[]).map((flag) => (
        <label key={flag} class="check">
          <input
            type="checkbox"
            checked={node[flag]}
            disabled={act.isBusy}
            onChange={(event) => set(flag, event.currentTarget.checked)}
          />
          {FLAGS[flag]}
        </label>
      ))}
      {act.error !== undefined && <Problem error={act.error} />}
    </>
  );
}
