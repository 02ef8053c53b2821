const MEASURE_EVERY_MS = 30_000;
/** The quickest of a few answers tells the most exactly. */
const ASKED = 3;

/** The database's clock as this process knows it without asking. */
export interface FollowedClock {
  /** Milliseconds since 1970; off by no more than half of a round trip to the database. */
  now(): number;
  close(): void;
}

/**
 * Follows the database's clock on this process's steady one, which nobody sets and which runs on while the process is
 * stopped.
 *
 * @param ask milliseconds since 1970 by the database's clock
 */
export async function followClock(ask: () => Promise<number>): Promise<FollowedClock> {
  let offsetMs = await measure(ask);
  const timer = setInterval(() => {
    measure(ask).then(
      (measured) => {
        offsetMs = measured;
      },
      // Steady clocks part slowly: the last measure serves until the database answers again.
      () => undefined,
    );
  }, MEASURE_EVERY_MS);
  timer.unref();
  return { now: () => Math.round(performance.now() + offsetMs), close: () => clearInterval(timer) };
}

/** @returns what the database's clock is ahead of the steady one, in milliseconds */
async function measure(ask: () => Promise<number>): Promise<number> {
  let quickestMs = Number.POSITIVE_INFINITY;
  let offsetMs = 0;
  for (let asked = 0; asked < ASKED; asked += 1) {
    const sentAt = performance.now();
    const databaseMs = await ask();
    const tookMs = performance.now() - sentAt;
    if (tookMs >= quickestMs) continue;
    quickestMs = tookMs;
    offsetMs = databaseMs - (sentAt + tookMs / 2);
  }
  return offsetMs;
}
