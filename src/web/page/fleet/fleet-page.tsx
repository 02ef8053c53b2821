import { useState } from "preact/hooks";
import type { FleetAnswer, NodeAnswer } from "../../../client/index.ts";
import { LiveMark, useLive } from "../parts/live.tsx";
import { Notice } from "../parts/notice.tsx";
import { go, Link, usePlace, useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { useMay } from "../parts/session.ts";
import { useSeldom } from "../parts/seldom.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { Filters } from "./filters.tsx";
import { FleetTable } from "./fleet-table.tsx";
import { isNarrowed, queryOf, readView, writeView, type FleetView } from "./view.ts";
import { type Span, WINDOW, windowFrom } from "./window.ts";

/** Bytes that are read make no event of their own; they are seen at this pace. */
const EVERY_MS = 4000;
/** While somebody scrolls fast, rows are not asked for more often. */
const ASK_MS = 80;
/** Rows in sight until the table has told how many there is room for. */
const SOME = 24;

/** Every node and how it stands. */
export function FleetPage() {
  useTitle("Fleet");
  const may = useMay();
  const view = readView(usePlace().search);
  const [span, setSpan] = useState<Span>({ first: view.at, end: view.at + SOME });
  const from = useSeldom(windowFrom(span), ASK_MS);
  const read = useRead<FleetAnswer>(queryOf(view, from, WINDOW), EVERY_MS);
  const live = useLive("/v1/events", { onEvent: read.refresh, onReset: read.refresh });
  const [chosen, setChosen] = useState<ReadonlyMap<string, NodeAnswer>>(new Map());
  const [isAsking, setIsAsking] = useState(false);
  const show = (next: FleetView, replace = false) => go(writeView(next), { replace });
  const fleet = read.data;
  const canChoose = may("POST /v1/deployments") || may("POST /v1/deployments/{id}/cancel");

  return (
    <>
      <div class="heading">
        <h1>Fleet</h1>
        <LiveMark state={live} />
        {may("POST /v1/nodes") && (
          <Link href="/add-node" class="button">
            Add a node …
          </Link>
        )}
      </div>
      <Filters view={view} counts={fleet?.counts} onChange={show} />
      <Notice read={read} what="the fleet" />
      {fleet !== undefined && (
        <>
          {fleet.total === 0 ? (
            <Nothing isNarrowed={isNarrowed(view)} canAdd={may("POST /v1/nodes")} />
          ) : (
            <FleetTable
              rows={{ from: offsetOf(read.path!), nodes: fleet.items }}
              total={fleet.total}
              view={view}
              onView={show}
              onSpan={setSpan}
              choice={
                canChoose ? { chosen, onChoose: setChosen, isAsking, onAsking: setIsAsking } : undefined
              }
            />
          )}
          <BulkBar chosen={asNow(chosen, fleet.items)} onDone={() => setChosen(new Map())} />
        </>
      )}
    </>
  );
}

/** Those that were chosen, as they were read last. */
function asNow(chosen: ReadonlyMap<string, NodeAnswer>, read: readonly NodeAnswer[]): NodeAnswer[] {
  const newest = new Map(read.map((node) => [node.id, node]));
  return [...chosen.values()].map((node) => newest.get(node.id) ?? node);
}

/** Which row an answer begins with. */
function offsetOf(path: string): number {
  return Number(new URLSearchParams(path.split("?")[1]).get("offset"));
}

function Nothing({ isNarrowed: hasConditions, canAdd }: { isNarrowed: boolean; canAdd: boolean }) {
  if (hasConditions)
    return (
      <div class="empty">
        <h2>No node fits these conditions</h2>
        <p>
          <Link href="/">Show all nodes</Link>
        </p>
      </div>
    );
  return (
    <div class="empty">
      <h2>There are no nodes yet</h2>
      <p>A node is one machine and how to reach its BMC.</p>
      {canAdd && (
        <p>
          <Link href="/add-node" class="button primary">
            Add the first one …
          </Link>
        </p>
      )}
      <p>Many at once come from a file:</p>
      <pre>npx trayload node import nodes.csv</pre>
      <p>
        And <code>npx trayload simulate --count 5</code> gives BMCs to try things on.
      </p>
    </div>
  );
}
