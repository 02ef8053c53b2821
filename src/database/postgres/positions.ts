import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Tables } from "../tables.ts";

/** Events that one transaction may append. With 2^12 of them, 2^41 transactions fit into a number's 53 bits. */
const PER_TRANSACTION = 4096;
const SETTING = "first-transaction";

const added = sql<number>`(select value::bigint from settings where name = ${SETTING})`;

/**
 * Positions of events are made of their transaction's number, so that they are known to be complete below the oldest one
 * that still runs. Numbers given by a sequence would become visible in the order of commits, and readers would skip those
 * that come late.
 */
export const settledBelow: RawBuilder<number> = sql`
  (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + ${added}) * ${sql.lit(PER_TRANSACTION)}`;

/** Gives the positions of one transaction's events. */
export function createPositions(): () => RawBuilder<number> {
  let count = 0;
  return () => {
    if (count === PER_TRANSACTION) throw new Error(`more than ${count} events in one transaction`);
    count += 1;
    return sql`(pg_current_xact_id()::text::bigint + ${added}) * ${sql.lit(PER_TRANSACTION)} + ${sql.lit(count - 1)}`;
  };
}

/**
 * A database restored into another server finds its transactions numbered from the start there: then so much is added that
 * new events come after the old ones.
 */
export async function alignPositions(db: Kysely<Tables>): Promise<void> {
  await db
    .insertInto("settings")
    .values({ name: SETTING, value: "0" })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await sql`
    update settings set value = (last.number - next.number + 1)::text
    from (select greatest((select max(position) from events), (select max(position) from campaign_events))
        / ${sql.lit(PER_TRANSACTION)} as number) as last,
      (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as number) as next
    where name = ${SETTING} and last.number >= next.number + value::bigint`.execute(db);
}
