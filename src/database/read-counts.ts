import { type DiscReads, mergeDiscReads, type ReadCounts } from "../images/index.ts";
import type { Sql } from "./sql.ts";

/** See `ReadCounts`: one row per disc and process, merged when read. */
export function createReadCounts({ read, write }: Sql): ReadCounts {
  return {
    save: (discId, process, reads) =>
      write(async ({ db }) => {
        const row = { reads: JSON.stringify(reads) };
        await db
          .insertInto("read_counts")
          .values({ disc_id: discId, process, ...row })
          .onConflict((conflict) => conflict.columns(["disc_id", "process"]).doUpdateSet(row))
          .execute();
      }),
    async load(discId) {
      const query = read.selectFrom("read_counts").select("reads").where("disc_id", "=", discId);
      const rows = await query.orderBy("process").execute();
      return mergeDiscReads(rows.map(({ reads }) => JSON.parse(reads) as DiscReads));
    },
    async loadAll(discIds) {
      if (discIds.length === 0) return new Map();
      const query = read
        .selectFrom("read_counts")
        .select(["disc_id", "reads"])
        .where("disc_id", "in", discIds);
      const rows = await query.orderBy("disc_id").orderBy("process").execute();
      const byDisc = Map.groupBy(rows, (row) => row.disc_id);
      return new Map(
        [...byDisc].map(([id, ofOne]) => [
          id,
          mergeDiscReads(ofOne.map(({ reads }) => JSON.parse(reads) as DiscReads))!,
        ]),
      );
    },
  };
}
