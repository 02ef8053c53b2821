import type { QueueAnswer, WorkerAnswer } from "../../../client/index.ts";
import { ProgressBar } from "../parts/badge.tsx";
import { LiveMark, useLive } from "../parts/live.tsx";
import { Notice } from "../parts/notice.tsx";
import { useNow } from "../parts/now.ts";
import { Link, useTitle } from "../parts/place.tsx";
import { useRead } from "../parts/read.ts";
import { Table } from "../parts/table.tsx";
import { showAge } from "../words.ts";

const EVERY_MS = 2000;
/** Less than this is no delay that a person should think about. */
const LATE_MS = 10_000;

/** How much waits, for what, and who works. */
export function QueuePage() {
  useTitle("Queue");
  const read = useRead<QueueAnswer>("/v1/queue", EVERY_MS);
  const live = useLive("/v1/events", { onEvent: read.refresh, onReset: read.refresh });
  return (
    <>
      <div class="heading">
        <h1>Queue and workers</h1>
        <LiveMark state={live} />
      </div>
      <Notice read={read} what="the queue" />
      {read.data !== undefined && (
        <>
          <Figures {...read.data} />
          <div class="columns">
            <section aria-labelledby="open">
              <h2 id="open">What has not ended</h2>
              <Open open={read.data.open} />
            </section>
            <section aria-labelledby="workers">
              <h2 id="workers">Workers</h2>
              <Workers workers={read.data.workers} />
            </section>
          </div>
        </>
      )}
    </>
  );
}

function Figures({ phases, hintsWaiting, workers }: QueueAnswer) {
  const isLate = phases.longestOverdueMs > LATE_MS;
  const capacity = (workers ?? []).reduce((sum, worker) => sum + worker.capacity, 0);
  return (
    <>
      {workers === null && (
        <div class="notice notice-warn" role="alert">
          The queue in Redis does not answer. Nothing is lost: work goes on where it was once it is back.
        </div>
      )}
      {workers?.length === 0 && (
        <div class="notice notice-warn" role="alert">
          No worker has been heard of. Deployments wait until a process with the role worker runs.
        </div>
      )}
      {isLate && (
        <div class="notice notice-warn" role="alert">
          {phases.overdue} should have been looked at before now, the oldest{" "}
          {showAge(phases.longestOverdueMs)} ago: more workers may be needed.
        </div>
      )}
      <dl class="tiles">
        <Tile name="at work" value={phases.running} note={capacity === 0 ? "" : `of ${capacity} places`} />
        <Tile
          name="wait for a worker"
          value={phases.queued}
          note={`${hintsWaiting ?? "?"} hints in the queue`}
        />
        <Tile name="parked" value={phases.parked} note="wait for machines, and hold no worker" />
        <Tile name="wait for their node" value={phases.waitingNode} note="another deployment has it" />
      </dl>
    </>
  );
}

function Tile({ name, value, note }: { name: string; value: number; note: string }) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        {value.toLocaleString("en")}
        <small>{note}</small>
      </dd>
    </div>
  );
}

function Open({ open }: { open: QueueAnswer["open"] }) {
  if (open.length === 0) return <p class="quiet">All that was asked for has ended.</p>;
  const most = Math.max(...open.map(({ count }) => count));
  return (
    <Table name="What has not ended" columns={["What", "State", "Step", "How many"]}>
      {open
        .toSorted((one, other) => other.count - one.count)
        .map(({ kind, state, step, count }) => (
          <tr key={`${kind} ${state} ${step}`}>
            <th scope="row">
              {kind === "deployment" ? (
                <Link href={`/deployments?state=${state}`}>deployments</Link>
              ) : (
                "operations"
              )}
            </th>
            <td>{state}</td>
            <td>{step ?? <span class="quiet">not begun</span>}</td>
            <td class="progress">
              {count.toLocaleString("en")}
              <ProgressBar percent={(count / most) * 100} label={`${count} of them`} />
            </td>
          </tr>
        ))}
    </Table>
  );
}

function Workers({ workers }: { workers: readonly WorkerAnswer[] | null }) {
  const nowMs = useNow();
  if (workers === null || workers.length === 0) return <p class="quiet">None is known.</p>;
  return (
    <Table name="Workers" columns={["Process", "At work", "Runs for"]}>
      {workers.map(({ id, host, pid, busy, capacity, startedAt }) => (
        <tr key={id}>
          <th scope="row">
            {host}
            <small>process {pid}</small>
          </th>
          <td class="progress">
            {busy} of {capacity}
            <ProgressBar
              percent={(busy / Math.max(1, capacity)) * 100}
              label={`${host} ${pid}: share of places in use`}
            />
          </td>
          <td>{showAge(nowMs - Date.parse(startedAt))}</td>
        </tr>
      ))}
    </Table>
  );
}
