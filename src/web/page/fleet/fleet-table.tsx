import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { NodeAnswer } from "../../../client/index.ts";
import { useNow } from "../parts/now.ts";
import { Link } from "../parts/place.tsx";
import { plural } from "../words.ts";
import { ChooseAll } from "./choose-all.tsx";
import { FleetRow, UnreadRow } from "./fleet-row.tsx";
import { type FleetView, sortBy, writeView } from "./view.ts";
import { ROW_PX, rowsInSight, type Span } from "./window.ts";

/** Which nodes are chosen. */
export interface Choice {
  chosen: ReadonlyMap<string, NodeAnswer>;
  onChoose: (chosen: ReadonlyMap<string, NodeAnswer>) => void;
}

interface TableProps {
  /** Those that were read, and which row the first of them is. */
  rows: { from: number; nodes: readonly NodeAnswer[] };
  total: number;
  view: FleetView;
  onView: (view: FleetView, replace?: boolean) => void;
  /** Told which rows are in sight. */
  onSpan: (span: Span) => void;
  /** Undefined where nothing could be done to what is chosen. */
  choice: Choice | undefined;
}

/** A table of any length, of which the rows in sight alone are made. */
export function FleetTable({ rows, total, view, onView, onSpan, choice }: TableProps) {
  const nowMs = useNow();
  const frame = useRef<HTMLDivElement>(null);
  const span = useScroll(frame, total, view, onView, onSpan);
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

/** Until somebody has rested at a place for so long, it is not written to the URL. */
const REST_MS = 300;

/** Follows the scrolling, keeps its place in the URL, and goes to the place that the URL says. */
function useScroll(
  frame: RefObject<HTMLDivElement | null>,
  total: number,
  view: FleetView,
  onView: TableProps["onView"],
  onSpan: TableProps["onSpan"],
): Span {
  const [span, setSpan] = useState<Span>({ first: 0, end: 0 });
  const written = useRef(-1);
  const latest = useRef({ view, onView, onSpan, total });
  latest.current = { view, onView, onSpan, total };

  const look = () => {
    // What was observed may be told when the table has gone.
    if (frame.current === null) return;
    const { scrollTop, clientHeight } = frame.current;
    const next = rowsInSight(scrollTop, clientHeight, latest.current.total);
    setSpan((before) => (before.first === next.first && before.end === next.end ? before : next));
    latest.current.onSpan(next);
  };
  useEffect(() => {
    const element = frame.current!;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const rest = () => {
      const at = Math.floor(element.scrollTop / ROW_PX);
      const { view: seen, onView: show } = latest.current;
      written.current = at;
      if (at !== seen.at) show({ ...seen, at }, true);
    };
    const onScroll = () => {
      look();
      clearTimeout(timer);
      timer = setTimeout(rest, REST_MS);
    };
    const resized = new ResizeObserver(look);
    resized.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      clearTimeout(timer);
      resized.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, []);
  // Another view begins where its URL says; what the scrolling itself wrote there moves nothing.
  const beginning = writeView({ ...view, at: 0 });
  const seen = useRef(beginning);
  useLayoutEffect(() => {
    if (written.current !== view.at || seen.current !== beginning)
      frame.current!.scrollTop = view.at * ROW_PX;
    written.current = view.at;
    seen.current = beginning;
    look();
  }, [beginning, view.at, total]);
  return span;
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
