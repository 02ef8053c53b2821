import { Queue } from "bullmq";
import type { Hint, Hints } from "../deploy/index.ts";
import { createOutageLog, type Log } from "./log.ts";
import type { RedisHandle } from "./redis.ts";

export const QUEUE_NAME = "looks";
/** Keeps our keys apart from others' in a Redis that is shared. */
export const KEY_PREFIX = "trayload";

/** A job that was done is forgotten at once, or its id would keep a later job of that id away. */
const FORGET = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };
/** The JavaScript server copies a key at each write, so no key may grow; nobody reads the events of the queue. */
const EVENTS_KEPT = 100;
/** One add is one transaction, during which the JavaScript server does nothing else. */
const BATCH = 100;

export interface HintQueue extends Hints {
  /** Hints that nobody has taken yet; of all processes. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Puts hints into the queue. `add` never throws: with Redis away, hints are dropped and the scheduler repeats them.
 */
export function createQueue({ redis, log }: { redis: RedisHandle; log: Log }): HintQueue {
  const connection = redis.connect();
  const queue = new Queue(QUEUE_NAME, {
    connection,
    prefix: KEY_PREFIX,
    streams: { events: { maxLen: EVENTS_KEPT } },
    defaultJobOptions: FORGET,
  });
  const outage = createOutageLog(log, "hints are dropped while Redis is away; the scheduler repeats them");
  queue.on("error", outage.failed);

  return {
    async add(hints, why) {
      try {
        // Commands given to a connection that is down would wait for it, and their caller with them.
        await within(5000, queue.waitUntilReady());
        if (connection.status !== "ready") throw new Error(`the connection to Redis is ${connection.status}`);
        for (let at = 0; at < hints.length; at += BATCH) {
          await within(5000, queue.addBulk(hints.slice(at, at + BATCH).map((hint) => toJob(hint, why))));
        }
        outage.worked();
      } catch (error) {
        outage.failed(error);
      }
    },
    waiting: () => queue.getJobCountByTypes("waiting", "prioritized"),
    async close() {
      await queue.close().catch(() => undefined);
      connection.disconnect();
    },
  };
}

/** The number of every record's first hint. */
const FIRST = 1;
/**
 * The higher, the later; without one before all others. Somebody waits for a record that was told something, nobody for one
 * whose next look is due, and one that was begun must not wait behind a thousand that were just accepted.
 */
const PRIORITY = { due: 1, first: 2 };

/** BullMQ refuses ids with a colon and ids that are whole numbers; `<id>-<hint>` is neither. */
function toJob({ id, hint }: Hint, why: "due" | undefined) {
  const priority = hint === FIRST ? PRIORITY.first : why && PRIORITY[why];
  return { name: "look", data: {}, opts: { jobId: `${id}-${hint}`, ...(priority && { priority }) } };
}

/** @returns undefined for an id that no queue of ours has made */
export function parseJobId(jobId: string | undefined): Hint | undefined {
  const parts = /^(.+)-(\d+)$/.exec(jobId ?? "");
  return parts === null ? undefined : { id: parts[1]!, hint: Number(parts[2]) };
}

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis took longer than ${limitMs} ms`)), limitMs);
  });
  // The loser of the race must not end the process.
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
