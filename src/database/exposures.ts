import type { Exposure, Exposures } from "../deploy/index.ts";
import type { Sql } from "./sql.ts";

/** See `Exposures`. Whether one has expired is judged by the database's clock. */
export function createExposures(database: Sql): Exposures {
  return {
    publish: (exposure) =>
      database.write(async ({ db }) => {
        const row = {
          record_id: exposure.recordId,
          kind: exposure.kind,
          until: null,
          body: JSON.stringify(exposure),
        };
        await db
          .insertInto("exposures")
          .values({ secret_hash: exposure.secretHash, ...row })
          .onConflict((conflict) => conflict.column("secret_hash").doUpdateSet(row))
          .execute();
      }),
    expire: (recordId, kind, until) =>
      database.write(async ({ db, now }) => {
        const served = db.updateTable("exposures").where("record_id", "=", recordId).where("kind", "=", kind);
        const untilMs = until === null ? now : Date.parse(until);
        await served.set({ until: untilMs }).execute();
      }),
    async find(secretHash) {
      const row = await database.read
        .selectFrom("exposures")
        .select(["until", "body"])
        .where("secret_hash", "=", secretHash)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      if (row.until !== null && row.until <= (await database.now())) return undefined;
      return JSON.parse(row.body) as Exposure;
    },
  };
}
