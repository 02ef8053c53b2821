import type { BmcStandings, QueueReads } from "../api/index.ts";
import { createRoster } from "../jobs/index.ts";
import type { Ground } from "./ground.ts";
import type { Lifetime } from "./lifetime.ts";

/** How we stand with BMCs, from what the workers of all processes keep. */
export function createStandings({ database, secrets }: Pick<Ground, "database" | "secrets">): BmcStandings {
  const sessions = database.sessions(secrets);
  return {
    async standing({ address, username }) {
      const { origin } = new URL(address);
      // A session belongs to a BMC and a user, and is kept under both.
      const [session, outage] = await Promise.all([
        sessions.get(`${origin} ${username}`),
        database.breaker.get(origin),
      ]);
      if (outage === undefined) return { hasSession: session !== undefined, outage: null };
      const [since, nextTryAt] = [outage.sinceMs, outage.nextTryMs].map((ms) => new Date(ms).toISOString());
      return {
        hasSession: session !== undefined,
        outage: { failures: outage.failures, since: since!, nextTryAt: nextTryAt! },
      };
    },
    tryAgain: ({ address }) => database.breaker.delete(new URL(address).origin),
  };
}

/** What waits and who works. */
export function createQueueReads(
  { database, redis, hints }: Pick<Ground, "database" | "redis" | "hints">,
  lifetime: Lifetime,
): QueueReads {
  const roster = createRoster({ redis });
  lifetime.add("roster of workers", () => roster.close());
  const asked = async () => {
    const [workers, hintsWaiting] = await Promise.all([roster.list(), hints.waiting()]);
    return { workers, hintsWaiting };
  };
  return {
    // With Redis away nothing is lost, and nobody knows for a while who works.
    queue: () => within(2000, asked()).catch(() => null),
    open: () => database.records.countOpen(),
    phases: () => database.countPhases(),
  };
}

async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("Redis does not answer")), limitMs);
  return Promise.race([answer, late.promise]).finally(() => clearTimeout(timer));
}
