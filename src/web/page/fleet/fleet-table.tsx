import type { NodeAnswer } from "../../../client/index.ts";
import { useNow } from "../parts/now.ts";
import { Link } from "../parts/place.tsx";
import { FleetRow } from "./fleet-row.tsx";
import { sortBy, writeView, type FleetView } from "./view.ts";

interface TableProps {
  nodes: readonly NodeAnswer[];
  view: FleetView;
  chosen: ReadonlyMap<string, NodeAnswer>;
  onChoose: (chosen: ReadonlyMap<string, NodeAnswer>) => void;
}

export function FleetTable({ nodes, view, chosen, onChoose }: TableProps) {
  const nowMs = useNow();
  const choose = (some: readonly NodeAnswer[], isChosen: boolean) => {
    const next = new Map(chosen);
    for (const node of some) {
      if (isChosen) next.set(node.id, node);
      else next.delete(node.id);
    }
    onChoose(next);
  };
  const areAll = nodes.every(({ id }) => chosen.has(id));
  return (
    <div class="table-frame" role="region" aria-label="Nodes" tabIndex={0}>
      <table class="fleet">
        <thead>
          <tr>
            <th class="pick">
              <input
                type="checkbox"
                aria-label="Choose all nodes on this page"
                checked={areAll}
                onChange={() => choose(nodes, !areAll)}
              />
            </th>
            <Heading column="name" label="Node" view={view} />
            <Heading column="model" label="Machine" view={view} />
            <Heading column="state" label="Status" view={view} />
            <th scope="col">Progress</th>
            <Heading column="power" label="Power, media, health" view={view} />
            <Heading column="deployed" label="Deployment" view={view} />
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <FleetRow
              key={node.id}
              node={node}
              nowMs={nowMs}
              isChosen={chosen.has(node.id)}
              onChoose={(isChosen) => choose([node], isChosen)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Heading({ column, label, view }: { column: string; label: string; view: FleetView }) {
  const isSorted = view.sort.replace(/^-/, "") === column;
  const order = view.sort.startsWith("-") ? "descending" : "ascending";
  return (
    <th scope="col" {...(isSorted ? { "aria-sort": order } : {})}>
      <Link href={writeView(sortBy(view, column))}>
        {label}
        <span aria-hidden="true" class="arrow">
          {isSorted ? (order === "ascending" ? "↑" : "↓") : ""}
        </span>
      </Link>
    </th>
  );
}
