import type { Sender } from "./client.ts";

/** How long something may still take, in milliseconds; 0 or less when its time is over. */
export type TimeLeft = () => number;

/** Counts down from now. @param now milliseconds of any clock that runs forward */
export function countDown(limitMs: number, now: () => number = () => performance.now()): TimeLeft {
  const end = now() + limitMs;
  return () => end - now();
}

/**
 * A sender for one change of a BMC: its requests together take no longer than that, and none goes out afterwards. So
 * whoever announced the change with a limit knows that nothing of it is under way beyond the limit.
 */
export function withinTime(sender: Sender, leftMs: TimeLeft): Sender {
  return { send: (method, path, exchange = {}) => sender.send(method, path, { ...exchange, leftMs }) };
}
