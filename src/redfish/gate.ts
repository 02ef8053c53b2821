import type { Gate } from "./client.ts";
import { RedfishError } from "./errors.ts";
import type { Breaker, Outage } from "./ports.ts";

/** Failures in a row until an origin counts as out of reach. */
const FAILURES = 5;
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;

/** The gate of one origin, which its clients share. */
export interface OriginGate extends Gate {
  /** Lets the next request try, whatever failed before. */
  reset(): Promise<void>;
  /** Whether nothing has failed since the last success. */
  isOpen(): boolean;
}

/**
 * Bounds the requests in flight at one origin, of which slow ones leave at least one place to the others. After five
 * connection-level failures in a row it refuses further ones for a rest that doubles from 5 to 60 s; after each rest
 * one request goes through to see, and a success ends the outage.
 */
export function createGate(parts: {
  origin: string;
  limit: number;
  breaker: Breaker;
  now: () => number;
}): OriginGate {
  const { origin, breaker, now } = parts;
  const budget = createBudget(parts.limit);
  const slowBudget = createBudget(Math.max(1, parts.limit - 1));
  let outage: Outage | undefined;
  let known: Promise<void> | undefined;

  /** What other processes have found out is asked once; from then on this process sees for itself. */
  function learn(): Promise<void> {
    return (known ??= breaker.get(origin).then(
      (kept) => void (outage ??= kept),
      (error: unknown) => {
        known = undefined;
        throw error;
      },
    ));
  }

  const isResting = () => outage !== undefined && now() < outage.nextTryMs;

  /** Somebody may have said in another process that it is to be tried again: what is kept there decides. */
  async function askWhileResting(): Promise<void> {
    if (isResting() && (await breaker.get(origin)) === undefined) outage = undefined;
  }

  function refuseWhileResting(): void {
    if (isResting()) throw heldBack(origin, outage!, now());
  }

  /** Whoever comes first after a rest is the one that tries; the others rest on. */
  function admit(): void {
    refuseWhileResting();
    if (outage !== undefined && outage.failures >= FAILURES)
      outage = { ...outage, nextTryMs: now() + restOf(outage.failures) };
  }

  async function fail(): Promise<void> {
    const failures = (outage?.failures ?? 0) + 1;
    const restMs = failures < FAILURES ? 0 : restOf(failures);
    outage = { failures, sinceMs: outage?.sinceMs ?? now(), nextTryMs: now() + restMs };
    if (failures >= FAILURES) await breaker.put(origin, outage);
  }

  async function reset(): Promise<void> {
    const wasOpen = (outage?.failures ?? 0) >= FAILURES;
    outage = undefined;
    if (wasOpen) await breaker.delete(origin);
  }

  async function takePlace(isSlow: boolean): Promise<() => void> {
    const leaveSlow = isSlow ? await slowBudget.enter() : undefined;
    const leave = await budget.enter();
    return () => {
      leave();
      leaveSlow?.();
    };
  }

  return {
    async enter(isSlow) {
      await learn();
      await askWhileResting();
      refuseWhileResting();
      const leave = await takePlace(isSlow);
      try {
        admit();
      } catch (error) {
        leave();
        throw error;
      }
      return async (error) => {
        leave();
        if (!(error instanceof RedfishError)) await reset();
        else if (error.code === "bmc-unreachable") await fail();
        else if (error.code !== "bmc-timed-out") await reset();
      };
    },
    async reset() {
      await learn();
      await reset();
    },
    isOpen: () => outage === undefined,
  };
}

/** At most so many at a time; the others wait in order. */
function createBudget(limit: number): { enter(): Promise<() => void> } {
  const waiting: (() => void)[] = [];
  let free = limit;
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async enter() {
      if (free > 0) free -= 1;
      else await new Promise<void>((turn) => waiting.push(turn));
      return leave;
    },
  };
}

function restOf(failures: number): number {
  return Math.min(FIRST_REST_MS * 2 ** (failures - FAILURES), LONGEST_REST_MS);
}

function heldBack(origin: string, outage: Outage, nowMs: number): RedfishError {
  const [since, next] = [outage.sinceMs, outage.nextTryMs].map((ms) => new Date(ms).toISOString());
  return new RedfishError(
    `${origin} cannot be reached since ${since} (${outage.failures} failures); the next try is at ${next}`,
    {
      code: "bmc-unreachable",
      retryable: true,
      wasHeldBack: true,
      retryAfterMs: outage.nextTryMs - nowMs,
      hint: "Check the BMC's address, its network and that its web server is on.",
    },
  );
}
