import type { Hints, RecordStore, Runner } from "../deploy/index.ts";
import { startBeat } from "./beat.ts";
import { createOutageLog, type Log } from "./log.ts";

/** How many passed due times one transaction turns into hints. */
const BATCH = 500;

export interface Scheduler {
  stop(): Promise<void>;
}

export interface SchedulerParts {
  store: Pick<RecordStore, "takeDue">;
  hints: Hints;
  log: Log;
  /** Pause between two questions for due records; default 250 ms. */
  everyMs?: number;
}

/**
 * Turns every passed due time into a hint: the timer of parked steps, the repetition of lost hints, and the recovery of
 * records whose runner died, all by one query. Its first question, at once, is the recovery at start.
 */
export function createScheduler({ store, hints, log, everyMs = 250 }: SchedulerParts): Scheduler {
  const outage = createOutageLog(log, "due records wait while the database does not answer");
  return startBeat(
    everyMs,
    async () => {
      for (;;) {
        const due = await store.takeDue(BATCH);
        if (due.length > 0) await hints.add(due, "due");
        if (due.length < BATCH) return;
      }
    },
    (error) => (error === undefined ? outage.worked() : outage.failed(error)),
  );
}

export interface LeaseRenewalParts {
  runner: Pick<Runner, "renewLeases">;
  leaseMs: number;
  log: Log;
}

/** Prolongs the leases of all live claims, in time for two beats to be lost. Apart from the scheduler, so that neither waits. */
export function createLeaseRenewal({ runner, leaseMs, log }: LeaseRenewalParts): Scheduler {
  const outage = createOutageLog(log, "leases are not renewed while the database does not answer");
  return startBeat(
    leaseMs / 3,
    () => runner.renewLeases(),
    (error) => (error === undefined ? outage.worked() : outage.failed(error)),
  );
}
