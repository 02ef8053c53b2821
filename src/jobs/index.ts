// Knows when to look at a record: the queue of hints on BullMQ, its private or given Redis, the scheduler and the bell.
// Must not know what a look does, nor SQL or HTTP; a job carries an id, and losing all of Redis loses time only.
// Begin with scheduler.ts.
export { type ClosableBell, createBell } from "./bell.ts";
export { JobsError, type JobsErrorCode } from "./errors.ts";
export type { Log } from "./log.ts";
export { createQueue, type HintQueue } from "./queue.ts";
export { openRedis, type RedisHandle, type RedisPlace } from "./redis.ts";
export { createRoster, joinRoster, type RosterEntry } from "./roster.ts";
export {
  createLeaseRenewal,
  createScheduler,
  type LeaseRenewalParts,
  type Scheduler,
  type SchedulerParts,
} from "./scheduler.ts";
export { createWorker, type LookWorker, type WorkerParts } from "./worker.ts";
