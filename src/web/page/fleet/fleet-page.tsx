import { useState } from "preact/hooks";
import type { FleetAnswer, NodeAnswer } from "../../../client/index.ts";
import { LiveMark, useLive } from "../parts/live.tsx";
import { Notice } from "../parts/notice.tsx";
import { go, usePlace, useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { plural } from "../words.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { Filters } from "./filters.tsx";
import { FleetTable } from "./fleet-table.tsx";
import { isNarrowed, PAGE_SIZE, queryOf, readView, writeView, type FleetView } from "./view.ts";

/** Bytes that are read make no event of their own; they are seen at this pace. */
const EVERY_MS = 4000;

/** Every node and how it stands. */
export function FleetPage() {
  useTitle("Fleet");
  const { search } = usePlace();
  const view = readView(search);
  const read = useRead<FleetAnswer>(queryOf(view), EVERY_MS);
  const live = useLive("/v1/events", { onEvent: read.refresh, onReset: read.refresh });
  const [chosen, setChosen] = useState<ReadonlyMap<string, NodeAnswer>>(new Map());
  const show = (next: FleetView, replace = false) => go(writeView(next), { replace });
  const fleet = read.data;

  return (
    <>
      <div class="heading">
        <h1>Fleet</h1>
        <LiveMark state={live} />
      </div>
      <Filters view={view} counts={fleet?.counts} onChange={show} />
      <Notice read={read} what="the fleet" />
      {fleet !== undefined && (
        <>
          <BulkBar chosen={[...chosen.values()]} onDone={() => setChosen(new Map())} />
          {fleet.items.length === 0 ? (
            <Nothing isNarrowed={isNarrowed(view)} />
          ) : (
            <FleetTable nodes={fleet.items} view={view} chosen={chosen} onChoose={setChosen} />
          )}
          {fleet.items.length > 0 && (
            <Pages view={view} total={fleet.total} shown={fleet.items.length} onChange={show} />
          )}
        </>
      )}
    </>
  );
}

function Nothing({ isNarrowed: hasConditions }: { isNarrowed: boolean }) {
  if (hasConditions) return <p class="empty">No node fits these conditions.</p>;
  return (
    <div class="empty">
      <h2>There are no nodes yet</h2>
      <p>A node is one machine and how to reach its BMC. Add the first one where Trayload runs:</p>
      <pre>npx trayload node add rack1-u07 --bmc https://10.0.7.21 --username root</pre>
      <p>
        Or let <code>npx trayload simulate --count 5</code> give you BMCs to try things on.
      </p>
    </div>
  );
}

interface PagesProps {
  view: FleetView;
  total: number;
  shown: number;
  onChange: (view: FleetView) => void;
}

function Pages({ view, total, shown, onChange }: PagesProps) {
  const last = Math.max(1, Math.ceil(total / PAGE_SIZE));
  const first = (view.page - 1) * PAGE_SIZE + 1;
  const turn = (page: number) => () => onChange({ ...view, page });
  return (
    <nav class="pages" aria-label="Pages of the table">
      <span>
        {first.toLocaleString("en")}–{(first + shown - 1).toLocaleString("en")} of {plural(total, "node")}
      </span>
      {last > 1 && (
        <>
          <button type="button" disabled={view.page <= 1} onClick={turn(view.page - 1)}>
            Before
          </button>
          <span>
            Page {view.page} of {last}
          </span>
          <button type="button" disabled={view.page >= last} onClick={turn(view.page + 1)}>
            Next
          </button>
        </>
      )}
    </nav>
  );
}
