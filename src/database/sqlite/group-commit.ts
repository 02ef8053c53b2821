import type { DatabaseSync } from "node:sqlite";
import { explain } from "./disk.ts";

interface Job {
  work: () => Promise<unknown>;
  keep: (value: unknown) => void;
  fail: (reason: unknown) => void;
}

type Outcome = { job: Job; value: unknown };

/** How long the first of a group waits for company where there is some. */
export const GROUP_MS = 2;

/**
 * Runs what arrives within a few milliseconds in one SQLite transaction, since each commit waits for the disk once. A job
 * whose predecessor had no company waits for none either. Jobs run one after another, each behind its own savepoint: one
 * that fails leaves nothing and does not touch the others. A promise is kept only after the commit is durable.
 */
export function createGroupCommit(database: DatabaseSync, groupMs = GROUP_MS) {
  let waiting: Job[] = [];
  let running: Promise<void> | undefined;
  let isClosed = false;
  let isCrowded = false;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await new Promise<void>((resume) => {
        if (groupMs > 0 && isCrowded) setTimeout(resume, groupMs);
        else setImmediate(resume);
      });
      const group = waiting;
      waiting = [];
      isCrowded = group.length > 1;
      await commit(database, group);
    }
    running = undefined;
  }

  return {
    run<T>(work: () => Promise<T>): Promise<T> {
      if (isClosed) return Promise.reject(new Error("the database is closed"));
      return new Promise<T>((keep, fail) => {
        waiting.push({ work, keep: keep as (value: unknown) => void, fail });
        running ??= drain();
      });
    },
    /** Lets what was given run to its end and takes nothing more. */
    async close(): Promise<void> {
      isClosed = true;
      await running;
    },
  };
}

async function commit(database: DatabaseSync, group: Job[]): Promise<void> {
  const done: Outcome[] = [];
  try {
    database.exec("BEGIN IMMEDIATE");
    for (const job of group) await runBehindSavepoint(database, job, done);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    // Jobs that had failed alone have had their own error; a second rejection is ignored.
    const reason = explain(error);
    for (const job of group) job.fail(reason);
    return;
  }
  for (const { job, value } of done) job.keep(value);
}

/** @throws when the whole transaction is gone, as after a full disk */
async function runBehindSavepoint(database: DatabaseSync, job: Job, done: Outcome[]): Promise<void> {
  database.exec("SAVEPOINT job");
  try {
    const value = await job.work();
    database.exec("RELEASE job");
    done.push({ job, value });
  } catch (error) {
    if (!database.isTransaction) throw error;
    database.exec("ROLLBACK TO job");
    database.exec("RELEASE job");
    job.fail(explain(error));
  }
}
