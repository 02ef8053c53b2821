/** How much faster or slower than real time the clock goes until it shows what the machine's does. */
const SLEW = 0.1;
/** Where the machine's clock is apart by more than this it has been set; what NTP slews stays below. */
const SET_MS = 10_000;
/** Where it is apart by less again, the difference has been made up for. */
const MET_MS = 1_000;

export interface SteadyClockParts {
  /** Milliseconds since 1970, of a clock that may be set; `Date.now` unless told. */
  wall?: () => number;
  /** Milliseconds since whenever, of a clock that nobody sets; `performance.now` unless told. */
  steady?: () => number;
  /** Told once of each time that the machine's clock was set, and by how many milliseconds. */
  onSet?: (byMs: number) => void;
}

/**
 * A clock for limits and leases, which goes on evenly when the machine's is set: at the start of a server whose battery is
 * empty by years once NTP answers, after a sleep by hours. It follows at a tenth of real time, faster or slower, so that an
 * hour is made up for in ten, and never goes back.
 *
 * @returns milliseconds since 1970
 */
export function createSteadyClock({
  wall = Date.now,
  steady = () => performance.now(),
  onSet = () => undefined,
}: SteadyClockParts = {}): () => number {
  let nowMs = wall();
  let lookedAt = steady();
  let isApart = false;
  return () => {
    const at = steady();
    const passedMs = at - lookedAt;
    lookedAt = at;
    const apartMs = wall() - (nowMs + passedMs);
    if (!isApart && Math.abs(apartMs) > SET_MS) onSet(Math.round(apartMs));
    isApart = Math.abs(apartMs) > (isApart ? MET_MS : SET_MS);
    const mostMs = passedMs * SLEW;
    nowMs += passedMs + Math.max(-mostMs, Math.min(mostMs, apartMs));
    return Math.floor(nowMs);
  };
}
