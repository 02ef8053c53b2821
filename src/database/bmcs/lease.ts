import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Lease } from "../../redfish/index.ts";
import type { Sql, Transaction } from "../sql.ts";

/** Longer than the two requests of a log-in may take, each a minute at most. */
const LEASE_MS = 150_000;
/** How often those that wait ask again; a holder in the same process wakes them itself. */
const ASK_MS = 250;

interface Timing {
  leaseMs: number;
  askMs: number;
}

/** See `Lease`: a row per key, which whoever died loses when it runs out by the database's clock. */
export function createLease(
  database: Pick<Sql, "write">,
  { leaseMs, askMs }: Timing = { leaseMs: LEASE_MS, askMs: ASK_MS },
): Lease {
  const released = createBell();
  return {
    async hold(key, work) {
      const holder = randomUUID();
      while (!(await database.write((transaction) => take(transaction, key, holder, leaseMs))))
        await released.ringOf(key, askMs);
      try {
        return await work();
      } finally {
        await database.write((transaction) => release(transaction, key, holder));
        released.ring(key);
      }
    },
  };
}

async function take(
  { db, now }: Transaction,
  name: string,
  holder: string,
  leaseMs: number,
): Promise<boolean> {
  const until = sql<number>`${now} + ${leaseMs}`;
  const { numInsertedOrUpdatedRows: taken } = await db
    .insertInto("leases")
    .values({ name, holder, until })
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet({ holder, until }).where("leases.until", "<=", now),
    )
    .executeTakeFirstOrThrow();
  return taken === 1n;
}

/** One who has lost the lease meanwhile has nothing to release. */
async function release({ db }: Transaction, name: string, holder: string): Promise<void> {
  await db.deleteFrom("leases").where("name", "=", name).where("holder", "=", holder).execute();
}

/** Wakes one of those who wait for a key in this process. */
function createBell() {
  const waiting = new Map<string, Set<() => void>>();
  return {
    ring(key: string): void {
      const [first] = waiting.get(key) ?? [];
      first?.();
    },
    async ringOf(key: string, limitMs: number): Promise<void> {
      const others = waiting.get(key) ?? new Set();
      waiting.set(key, others);
      await new Promise<void>((wake) => {
        const timer = setTimeout(come, limitMs);
        function come() {
          clearTimeout(timer);
          others.delete(come);
          if (others.size === 0 && waiting.get(key) === others) waiting.delete(key);
          wake();
        }
        others.add(come);
      });
    },
  };
}
