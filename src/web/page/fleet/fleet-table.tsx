import { useRef } from "preact/hooks";
import type { NodeAnswer } from "../../../client/index.ts";
import { useNow } from "../parts/now.ts";
import { Link } from "../parts/place.tsx";
import { plural } from "../words.ts";
import { ChooseAll } from "./choose-all.tsx";
import { FleetRow, UnreadRow } from "./fleet-row.tsx";
import { type Scrolling, useScroll } from "./scroll.ts";
import { type FleetView, sortBy, writeView } from "./view.ts";
import { ROW_PX } from "./window.ts";

/** Which nodes are chosen. */
export interface Choice {
  chosen: ReadonlyMap<string, NodeAnswer>;
  onChoose: (chosen: ReadonlyMap<string, NodeAnswer>) => void;
  /** Whether the server has been asked which nodes are all. */
  isAsking: boolean;
  onAsking: (isAsking: boolean) => void;
}

interface TableProps extends Scrolling {
  /** Those that were read, and which row the first of them is. */
  rows: { from: number; nodes: readonly NodeAnswer[] };
  /** Undefined where nothing could be done to what is chosen. */
  choice: Choice | undefined;
}

/** A table of any length, of which the rows in sight alone are made. */
export function FleetTable({ rows, choice, ...scrolling }: TableProps) {
  const { total, view } = scrolling;
  const nowMs = useNow();
  const frame = useRef<HTMLDivElement>(null);
  const span = useScroll(frame, scrolling);
  const numbers = Array.from({ length: Math.max(0, span.end - span.first) }, (_, n) => span.first + n);
  return (
    <>
      <div class="table-frame fleet-frame" ref={frame} role="region" aria-label="Nodes" tabIndex={0}>
        <table class={choice === undefined ? "fleet" : "fleet fleet-choice"} aria-rowcount={total + 1}>
          <thead>
            <tr aria-rowindex={1}>
              {choice !== undefined && (
                <th class="pick">
                  <ChooseAll view={view} total={total} {...choice} />
                </th>
              )}
              <Heading column="name" label="Node" view={view} />
              <Heading column="model" label="Machine" view={view} />
              <Heading column="address" label="BMC and firmware" view={view} />
              <Heading column="state" label="Status" view={view} />
              <th scope="col">Progress</th>
              <Heading column="power" label="Power, media, health" view={view} />
              <Heading column="deployed" label="Deployment" view={view} />
            </tr>
          </thead>
          <tbody>
            <Gap rows={span.first} />
            {numbers.map((number) => {
              const node = rows.nodes[number - rows.from];
              return node === undefined ? (
                <UnreadRow key={number} number={number} columns={choice === undefined ? 7 : 8} />
              ) : (
                <FleetRow key={node.id} number={number} node={node} nowMs={nowMs} choice={choice} />
              );
            })}
            <Gap rows={Math.max(0, total - span.end)} />
          </tbody>
        </table>
      </div>
      <p class="quiet table-foot">{plural(total, "node")}</p>
    </>
  );
}

/** Stands for rows that are not made. */
function Gap({ rows }: { rows: number }) {
  if (rows === 0) return null;
  return <tr class="gap" aria-hidden="true" style={{ height: `${rows * ROW_PX}px` }} />;
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
