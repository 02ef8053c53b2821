/**
 * How many points of each kind are tried: five in a run of a few minutes, `TRAYLOAD_KILL=full` for all of them, which takes an
 * hour or two, or `TRAYLOAD_KILL=25` for so many.
 */
const asked = process.env["TRAYLOAD_KILL"];
export const IS_BOUNDED = asked === undefined;
const MOST = asked === "full" ? Infinity : Number(asked);

/** How long a Redis answers nothing. */
export const REDIS_SILENCE_MS = IS_BOUNDED ? 5_000 : 60_000;

/** A deployment that has not ended by then counts as lost: several times what it takes with a restart on a busy machine. */
export const LOST_AFTER_MS = 120_000;

/**
 * For how long firmware and agents go on asking while the only server is started again, which is their own business and not
 * what is tried here.
 */
export const PATIENCE_MS = 60_000;

/** Limit of one test of this suite. */
export const LIMIT_MS = IS_BOUNDED ? 240_000 : 3_600_000;

/** How many rounds are run beside each other, with one process each and with a crew of three each. */
export const LANES = { keepers: 5, crews: 4, agents: 3 };

/** So many of these, spread evenly: `some` where the run is bounded. */
export function choose<P>(all: readonly P[], some: number): P[] {
  const wanted = IS_BOUNDED ? some : MOST;
  if (all.length <= wanted) return [...all];
  return Array.from(
    { length: wanted },
    (_, index) => all[Math.round((index * (all.length - 1)) / (wanted - 1))]!,
  );
}

/** How many of so many moments surely come again: how two workers share the work is another in each round. */
const SURE_SHARE = 0.8;

/** Of the points from 1 to `count`. */
export function choosePoints(count: number, some: number): number[] {
  const length = IS_BOUNDED ? Math.ceil(count * SURE_SHARE) : count;
  return choose(
    Array.from({ length }, (_, index) => index + 1),
    some,
  );
}
