/** Whether every point is tried; `TRAYLOAD_KILL=full` takes most of an hour, what runs without it a few minutes. */
export const IS_FULL = process.env["TRAYLOAD_KILL"] === "full";

/** How long a Redis answers nothing. */
export const REDIS_SILENCE_MS = IS_FULL ? 60_000 : 5_000;

/** Limit of one test of this suite. */
export const LIMIT_MS = IS_FULL ? 3_600_000 : 240_000;

/** How many rounds are run beside each other, with one process each and with a crew of three each. */
export const LANES = IS_FULL ? { keepers: 7, crews: 6 } : { keepers: 5, crews: 3 };

/**
 * All points from 1 to `count`, or so many of them spread evenly where not all are tried.
 *
 * @param mostOfAll how many where all are tried, for victims that touch no BMC while they are away
 */
export function choosePoints(count: number, some: number, mostOfAll = Infinity): number[] {
  const all = Array.from({ length: count }, (_, index) => index + 1);
  const wanted = IS_FULL ? mostOfAll : some;
  if (count <= wanted) return all;
  return Array.from({ length: wanted }, (_, index) => all[Math.round((index * (count - 1)) / (wanted - 1))]!);
}
