import { useEffect, useRef } from "preact/hooks";
import type { FleetAnswer, NodeAnswer } from "../../../client/index.ts";
import { useServer } from "../parts/read.ts";
import type { Server } from "../server.ts";
import type { Choice } from "./fleet-table.tsx";
import { type FleetView, queryOf } from "./view.ts";

/** The most that the API gives at once. */
const PAGE = 500;

/**
 * Chooses every node that fits the conditions, in sight or not; or none. What the server answers must not undo what was done
 * meanwhile: no row can be chosen or left out until it has come, and for other conditions it counts for nothing.
 */
export function ChooseAll(props: Choice & { view: FleetView; total: number }) {
  const { view, total, chosen, onChoose, isAsking: isBusy, onAsking: setIsBusy } = props;
  const server = useServer();
  const shown = useRef<string | undefined>(undefined);
  shown.current = conditionsOf(view);
  useEffect(() => () => void (shown.current = undefined), []);
  const areAll = chosen.size > 0 && chosen.size >= total;
  const change = () => {
    if (chosen.size > 0) return onChoose(new Map());
    setIsBusy(true);
    readAll(server, view)
      .then((nodes) => {
        if (shown.current === conditionsOf(view)) onChoose(new Map(nodes.map((node) => [node.id, node])));
      })
      // The table says that the server is away.
      .catch(() => undefined)
      .finally(() => setIsBusy(false));
  };
  return (
    <input
      type="checkbox"
      aria-label="Choose all nodes that fit"
      title={chosen.size > 0 ? "Choose none" : "Choose all that fit"}
      disabled={isBusy}
      checked={areAll || isBusy}
      indeterminate={chosen.size > 0 && !areAll}
      onChange={change}
    />
  );
}

/** Equal where the same nodes fit, however they are sorted. */
const conditionsOf = (view: FleetView): string => queryOf({ ...view, sort: "name" }, 0, PAGE);

async function readAll(server: Server, view: FleetView): Promise<NodeAnswer[]> {
  const nodes: NodeAnswer[] = [];
  for (;;) {
    const page = await server.get<FleetAnswer>(queryOf(view, nodes.length, PAGE));
    nodes.push(...page.items);
    if (page.items.length < PAGE) return nodes;
  }
}
