import { sql } from "kysely";
import type { Sql, Transaction } from "../sql.ts";

/** Records of one transaction. */
const BATCH = 50;
/** Crockford's base 32, in which ULIDs are written. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_DIGITS = 10;
/** Whatever a view names by a prefix and a ULID. */
const ID = /"([a-z0-9]+_[0-9A-HJKMNP-TV-Z]{26})"/g;

type Kind = "deployment" | "operation";
const PREFIX: Record<Kind, string> = { deployment: "dep_", operation: "op_" };

interface Outcome {
  pruned: number;
  /** The last record that was looked at; undefined when there are no more. */
  last: string | undefined;
}

/**
 * Removes records with all that belongs to them.
 *
 * @param endedBefore milliseconds since 1970
 * @param after only records with a higher id
 */
export function pruneRecords(
  database: Sql,
  kind: Kind,
  endedBefore: number,
  after: string,
): Promise<Outcome> {
  return some(database, kind, endedBefore, after, async (transaction, records) => {
    const ids = records.filter(({ isNewest }) => !isNewest).map(({ id }) => id);
    if (ids.length === 0) return 0;
    const { db } = transaction;
    const things = records.flatMap(({ view }) => [...view.matchAll(ID)].map(([, id]) => id!));
    for (const table of ["events", "inbox", "transcripts", "exposures"] as const)
      await db.deleteFrom(table).where("record_id", "in", ids).execute();
    await db.deleteFrom("labels").where("owner_id", "in", ids).execute();
    await db.deleteFrom("agent_boots").where("owner", "in", ids).execute();
    for (const discs of chunks([...new Set(things)]))
      await db.deleteFrom("read_counts").where("disc_id", "in", discs).execute();
    await db.deleteFrom("records").where("id", "in", ids).execute();
    return ids.length;
  });
}

/** Removes the events of deployments and operations that stay themselves. */
export async function pruneEvents(database: Sql, endedBefore: number, after: string): Promise<Outcome> {
  const kind = after.startsWith(PREFIX.operation) ? "operation" : "deployment";
  const done = await some(database, kind, endedBefore, after, async ({ db }, records) => {
    const ids = records.map(({ id }) => id);
    if (ids.length === 0) return 0;
    const gone = await db.deleteFrom("events").where("record_id", "in", ids).returning("record_id").execute();
    return new Set(gone.map(({ record_id }) => record_id)).size;
  });
  // Deployments first, then operations.
  if (done.last !== undefined || kind === "operation") return done;
  return { pruned: done.pruned, last: PREFIX.operation };
}

interface Found {
  id: string;
  view: string;
  isNewest: boolean;
}

async function some(
  database: Sql,
  kind: Kind,
  endedBefore: number,
  after: string,
  remove: (transaction: Transaction, records: Found[]) => Promise<number>,
): Promise<Outcome> {
  return database.write(async (transaction) => {
    // Processes that prune together would wait for each other's rows in a circle.
    await transaction.exclude("prune");
    const looked = await transaction.db
      .selectFrom("records")
      .select(["id"])
      .where("kind", "=", kind)
      .where("id", ">", after)
      // Nothing ends before it was made.
      .where("id", "<", PREFIX[kind] + timePart(endedBefore))
      .orderBy("id")
      .limit(BATCH)
      .execute();
    const last = looked.length < BATCH ? undefined : looked.at(-1)!.id;
    const ids = looked.map(({ id }) => id);
    if (ids.length === 0) return { pruned: 0, last };
    const records = await findFree(transaction, database, ids, new Date(endedBefore).toISOString());
    return { pruned: await remove(transaction, records), last };
  });
}

/** Those of the records that have ended by then, and of which nothing that is still to come speaks. */
async function findFree(
  { db, now }: Transaction,
  database: Pick<Sql, "field">,
  ids: string[],
  endedBefore: string,
): Promise<Found[]> {
  const ended = database.field("records.view", "endedAt");
  const { rows } = await sql<{ id: string; view: string; newest: number }>`
    select records.id, records.view, case
      when records.kind <> 'deployment' then 0
      when not exists (select 1 from nodes where nodes.id = records.node_id) then 0
      when exists (select 1 from records as later where later.node_id = records.node_id
        and later.kind = 'deployment' and later.id > records.id) then 0
      else 1 end as newest
    from records
    where records.id in (${sql.join(ids)}) and records.phase = 'done' and ${ended} < ${endedBefore}
      and not exists (select 1 from nodes where nodes.id = records.node_id
        and nodes.observed like '%"' || records.id || '"%')
      and not exists (select 1 from records as open where open.node_id = records.node_id
        and open.phase <> 'done' and open.view like '%"' || records.id || '"%')
      and not exists (select 1 from campaign_nodes inner join campaigns on campaigns.id = campaign_nodes.campaign_id
        where campaign_nodes.deployment_id = records.id
        and campaigns.state in ('running', 'paused', 'cancelling'))
      and not exists (select 1 from exposures where exposures.record_id = records.id
        and (exposures.until is null or exposures.until > ${now}))
      and not exists (select 1 from events where events.record_id = records.id
        and events.position > (select min(webhooks.position) from webhooks))`.execute(db);
  return rows.map(({ id, view, newest }) => ({ id, view, isNewest: Number(newest) === 1 }));
}

/** The beginning of ULIDs that were made at this time. */
function timePart(ms: number): string {
  let text = "";
  for (let rest = Math.max(0, Math.floor(ms)); text.length < TIME_DIGITS; rest = Math.floor(rest / 32))
    text = DIGITS[rest % 32]! + text;
  return text;
}

/** As many as a statement may have parameters, and some. */
function chunks(ids: string[], size = 500): string[][] {
  return Array.from({ length: Math.ceil(ids.length / size) }, (_, index) =>
    ids.slice(index * size, (index + 1) * size),
  );
}
