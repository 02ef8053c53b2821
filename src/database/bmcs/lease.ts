import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Lease } from "../../redfish/index.ts";
import type { Sql, Transaction } from "../sql.ts";

interface Timing {
  /** How long those that wait do so for a holder that has died. */
  leaseMs: number;
  /** How often a live holder prolongs it, as long as its work takes. */
  renewMs: number;
  /** How often those that wait ask again; a holder in the same process wakes them itself. */
  askMs: number;
}

const USUAL: Timing = { leaseMs: 15_000, renewMs: 5_000, askMs: 250 };

/** See `Lease`: a row per key, which whoever died loses when it runs out by the database's clock. */
export function createLease(
  database: Pick<Sql, "write">,
  { leaseMs, renewMs, askMs }: Timing = USUAL,
): Lease {
  const released = createBell();
  return {
    async hold(key, work) {
      const holder = randomUUID();
      while (!(await database.write((transaction) => take(transaction, key, holder, leaseMs))))
        await released.ringOf(key, askMs);
      const renewal = setInterval(() => {
        // One that fails is made good by the next; without any, the lease passes on as from one who has died.
        database.write((transaction) => renew(transaction, key, holder, leaseMs)).catch(() => undefined);
      }, renewMs);
      // A process that ends need not wait for work that never will.
      renewal.unref();
      try {
        return await work();
      } finally {
        clearInterval(renewal);
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

/** One who has lost the lease meanwhile prolongs nothing. */
async function renew({ db, now }: Transaction, name: string, holder: string, leaseMs: number): Promise<void> {
  const until = sql<number>`${now} + ${leaseMs}`;
  const update = db.updateTable("leases").set({ until });
  await update.where("name", "=", name).where("holder", "=", holder).execute();
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
