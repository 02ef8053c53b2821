import { type Job, Worker } from "bullmq";
import type { Runner } from "../deploy/index.ts";
import { createOutageLog, type Log } from "./log.ts";
import { createPace } from "./pace.ts";
import { KEY_PREFIX, parseJobId, QUEUE_NAME } from "./queue.ts";
import type { RedisHandle } from "./redis.ts";

export interface LookWorker {
  /** Looks under way. */
  busy(): number;
  /**
   * Takes no more hints and stops the runner.
   *
   * @param limitMs how long to wait for the looks that are under way
   * @returns whether all came to their end
   */
  close(limitMs: number): Promise<boolean>;
}

export interface WorkerParts {
  redis: RedisHandle;
  runner: Pick<Runner, "look" | "stop">;
  /** Looks at once, at most; fewer while this process is busy. 300 unless told. */
  concurrency?: number;
  /** Told of each look that begins, and how long its hint waited; what it returns is called when the look is over. */
  onLook?: (waitedMs: number) => () => void;
  log: Log;
}

/** Turns hints of the queue into looks. A hint that comes twice, late or stalled ends in a refused claim. */
export function createWorker({ redis, runner, concurrency = 300, onLook, log }: WorkerParts): LookWorker {
  const connection = redis.connect();
  let live = 0;
  const pace = createPace({ most: concurrency });
  const take = async (job: Job) => {
    const hint = parseJobId(job.id);
    if (hint === undefined) return log.warn({ jobId: job.id }, "left a job that is not a hint");
    const over = onLook?.(Date.now() - job.timestamp);
    const looking = runner.look(hint).catch((error: unknown) => {
      // The lease ends by itself and the scheduler repeats the hint, so a retry by the queue would be a second one.
      log.error({ err: error, id: hint.id }, "a look ended by a fault of its own");
    });
    pace.begin();
    live += 1;
    void looking.then(() => {
      live -= 1;
      over?.();
      pace.end();
    });
    // The job ends when another may be taken: until then what is woken in the queue can still overtake.
    await pace.room();
  };
  const worker = new Worker(QUEUE_NAME, take, {
    connection,
    prefix: KEY_PREFIX,
    concurrency: 1,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    // Seconds of one blocking question. A connection that died in the middle of one may swallow the sign of a new job
    // (seen on js-redis-server 0.3.0); the next question finds the job, so the next question comes soon.
    drainDelay: 1,
    // The lock is renewed while the process lives; a lost one only repeats a hint. The check cleans after dead workers.
    lockDuration: 60_000,
    stalledInterval: 60_000,
  });
  const outage = createOutageLog(log, "no hints are taken while Redis is away");
  worker.on("error", outage.failed);
  connection.on("ready", outage.worked);
  return { busy: () => live, close: (limitMs) => close(worker, connection, runner, limitMs) };
}

async function close(
  worker: Worker,
  connection: { disconnect(): void },
  runner: Pick<Runner, "stop">,
  limitMs: number,
): Promise<boolean> {
  // `true`: stops fetching without waiting for what runs, which here has a limit. A hint that is on its way now still
  // arrives; the runner refuses it, and the scheduler of whoever comes next repeats it.
  await worker.pause(true).catch(() => undefined);
  const drained = await runner.stop(limitMs);
  await worker.close(!drained || connectionLost(connection)).catch(() => undefined);
  connection.disconnect();
  return drained;
}

/** A polite close says goodbye to Redis, and would wait for one that is away. */
function connectionLost(connection: { disconnect(): void; status?: string }): boolean {
  return connection.status !== "ready";
}
