/** Whether every point is tried; `TRAYLOAD_KILL=full` takes about half an hour, what runs without it a few minutes. */
export const IS_FULL = process.env["TRAYLOAD_KILL"] === "full";

/** How long a Redis answers nothing. */
export const REDIS_SILENCE_MS = IS_FULL ? 60_000 : 5_000;

/** Limit of one test of this suite. */
export const LIMIT_MS = IS_FULL ? 3_600_000 : 240_000;

/** All points from 1 to `count`, or so many of them spread evenly where not all are tried. */
export function choosePoints(count: number, some: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index + 1);
  if (IS_FULL || count <= some) return all;
  return Array.from({ length: some }, (_, index) => all[Math.round((index * (count - 1)) / (some - 1))]!);
}
