import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import { lowestId, type RecordQuery, type RecordState, type RecordView } from "../../deploy/index.ts";
import type { Sql } from "../sql.ts";
import type { KnownViews } from "./known-views.ts";
import type { Tables } from "../tables.ts";

type Read = Sql["read"];
type Builder = ExpressionBuilder<Tables, "records">;
type Condition = (builder: Builder) => Expression<SqlBool>;
type Label = { owner: "id" | "node_id"; name: string; value: string };

const STATES: readonly RecordState[] = ["queued", "running", "succeeded", "failed", "cancelled"];
/** Owners of a label up to here are looked up; of a label with more, each record is asked whether it has it. */
const FEW_OWNERS = 1000;

/**
 * See `RecordStore.list`. Which records come is told by indexes alone, which hold their order within each state; whole ones
 * are read for one page, since each is some kilobytes.
 */
export async function listRecords(read: Read, known: KnownViews, query: RecordQuery): Promise<RecordView[]> {
  const { states = STATES, nodeId, limit } = query;
  if (states.length === 0) return [];
  const conditions = await Promise.all(labelsOf(query).map((label) => conditionOf(read, label)));
  if (query.campaignId !== undefined) conditions.push(isOfCampaign(read, query.campaignId));
  // Of one node there are few, whatever their state.
  const groups = nodeId === undefined ? states.map((state) => [state]) : [states];
  // In one question, since each would wait for a connection of its own.
  const newest = groups.map((group) => newestOf(read, query, group, conditions));
  const rows = await newest.reduce((all, one) => all.unionAll(one)).execute();
  const ids = rows.map(({ id }) => id).toSorted();
  return known.of(ids.toReversed().slice(0, limit));
}

/** The newest of some states, by their ids; in brackets, as each group has a limit of its own. */
function newestOf(
  read: Read,
  { kind, nodeId, since, before, limit }: RecordQuery,
  states: readonly string[],
  conditions: readonly Condition[],
) {
  let found = read.selectFrom("records").select("id").where("kind", "=", kind);
  if (nodeId === undefined) found = found.where("state", "in", states);
  // Kept from leading SQLite to the index of states, which it knows nothing of.
  else found = found.where("node_id", "=", nodeId).where(sql<string>`state || ''`, "in", states);
  if (before !== undefined) found = found.where("id", "<", before);
  if (since !== undefined) {
    const sinceMs = Date.parse(since);
    // The bound keeps what is older from being looked at.
    found = found.where("id", ">=", lowestId(kind, sinceMs)).where("created_at", ">=", sinceMs);
  }
  for (const condition of conditions) found = found.where(condition);
  return read.selectFrom(found.orderBy("id", "desc").limit(limit).as("newest")).select("id");
}

function isOfCampaign(read: Read, campaignId: string): Condition {
  const made = read
    .selectFrom("campaign_nodes")
    .select("deployment_id")
    .$narrowType<{ deployment_id: string }>()
    .where("campaign_id", "=", campaignId)
    .where("deployment_id", "is not", null);
  return (record) => record("id", "in", made);
}

function labelsOf({ labels = {}, nodeLabels = {} }: RecordQuery): Label[] {
  const owned = (owner: Label["owner"], given: Readonly<Record<string, string>>) =>
    Object.entries(given).map(([name, value]) => ({ owner, name, value }));
  return [...owned("id", labels), ...owned("node_id", nodeLabels)];
}

/** Neither database knows how many records have just this label, on which it depends what is quick. */
async function conditionOf(read: Read, { owner, name, value }: Label): Promise<Condition> {
  const owners = read.selectFrom("labels").where("name", "=", name).where("value", "=", value);
  const some = owners.select("owner_id").limit(FEW_OWNERS).as("some");
  const counted = await read
    .selectFrom(some)
    .select(({ fn }) => fn.countAll().as("count"))
    .execute();
  if (Number(counted[0]!.count) < FEW_OWNERS)
    return (record) => record(owner, "in", owners.select("owner_id"));
  return (record) =>
    record.exists(owners.select("owner_id").where("owner_id", "=", record.ref(`records.${owner}`)));
}
