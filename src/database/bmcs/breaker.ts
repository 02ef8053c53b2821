import type { Breaker } from "../../redfish/index.ts";
import type { Sql } from "../sql.ts";

/** See `Breaker`. */
export function createBreaker({ read, write }: Sql): Breaker {
  return {
    async get(origin) {
      const query = read.selectFrom("outages").selectAll().where("origin", "=", origin);
      const row = await query.executeTakeFirst();
      return row && { failures: row.failures, sinceMs: row.since_at, nextTryMs: row.next_try_at };
    },
    put: (origin, { failures, sinceMs, nextTryMs }) =>
      write(async ({ db }) => {
        const row = { failures, since_at: sinceMs, next_try_at: nextTryMs };
        await db
          .insertInto("outages")
          .values({ origin, ...row })
          .onConflict((conflict) => conflict.column("origin").doUpdateSet(row))
          .execute();
      }),
    delete: (origin) =>
      write(async ({ db }) => {
        await db.deleteFrom("outages").where("origin", "=", origin).execute();
      }),
  };
}
