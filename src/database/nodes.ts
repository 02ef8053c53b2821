import { type ExpressionBuilder, sql } from "kysely";
import type { Node, NodeObserved, NodeQuery, NodeStore, StoredNode } from "../nodes/index.ts";
import type { Sql, Transaction } from "./sql.ts";
import type { Tables } from "./tables.ts";

const INVENTORY = "inventory";
const COLUMNS = [
  "id",
  "version",
  "bmc_origin",
  "system_id",
  "system_path",
  "body",
  "observed",
  "sealed_password",
] as const;
type NodeRow = Pick<Tables["nodes"], (typeof COLUMNS)[number]>;
type Clash = { clash: "name" | "bmc"; with: Node };

/** See `NodeStore`. Changes that could clash follow each other, so that two of them cannot both miss the other. */
export function createNodeStore({ read, write }: Sql): NodeStore {
  return {
    clash: (stored) => write((transaction) => findClash(transaction, toRow(stored, stored.node.observed))),
    insert: (stored) => write((transaction) => insert(transaction, stored)),
    async get(idOrName) {
      const query = read.selectFrom("nodes").select(COLUMNS);
      const rows = await query
        .where((row) => row.or([row("id", "=", idOrName), row("name", "=", idOrName)]))
        .execute();
      const row = rows.find(({ id }) => id === idOrName) ?? rows[0];
      return row && toStored(row);
    },
    list: (query) => list(read, query),
    replace: (stored, version) => write((transaction) => replace(transaction, stored, version)),
    sharing: (id) => sharing(read, id),
    observe: (id, seen) => write((transaction) => observe(transaction, id, seen)),
    remove: (id) => write((transaction) => remove(transaction, id)),
  };
}

async function sharing(read: Sql["read"], id: string): Promise<{ id: string; name: string }[]> {
  const rows = await read
    .selectFrom("nodes as other")
    .innerJoin("nodes as node", "node.bmc_origin", "other.bmc_origin")
    .select(["other.id", "other.name"])
    .where("node.id", "=", id)
    .where("other.id", "!=", id)
    .orderBy("other.id")
    .execute();
  return rows.map((other) => ({ id: other.id, name: other.name }));
}

/** Fields that nodes of earlier releases were kept without. */
const ADDED = {
  networkData: null,
  rootDevice: null,
  cleaning: { before: false, after: false },
  agent: null,
} satisfies Partial<Node>;

function toStored(row: NodeRow): StoredNode {
  return { node: toNode(row), bmcOrigin: row.bmc_origin, sealedPassword: row.sealed_password };
}

function toNode(row: Pick<NodeRow, "body" | "observed">): Node {
  const fields = JSON.parse(row.body) as Omit<Node, "observed">;
  const observed = JSON.parse(row.observed) as NodeObserved;
  return { ...ADDED, ...fields, observed: { ...observed, capabilities: observed.capabilities ?? null } };
}

function toRow({ node, bmcOrigin, sealedPassword }: StoredNode, observed: NodeObserved) {
  const { observed: _seen, ...fields } = node;
  return {
    id: node.id,
    name: node.name,
    bmc_origin: bmcOrigin,
    system_id: node.bmc.systemId,
    system_path: observed.systemPath,
    version: node.version,
    body: JSON.stringify(fields),
    observed: JSON.stringify(observed),
    sealed_password: sealedPassword,
  };
}

async function insert(transaction: Transaction, stored: StoredNode): Promise<Clash | undefined> {
  await transaction.exclude(INVENTORY);
  const row = toRow(stored, stored.node.observed);
  const clash = await findClash(transaction, row);
  if (clash !== undefined) return clash;
  await transaction.db.insertInto("nodes").values(row).execute();
  await insertLabels(transaction, stored.node);
  return undefined;
}

async function replace(
  transaction: Transaction,
  stored: StoredNode,
  version: number,
): Promise<"stale" | Clash | undefined> {
  await transaction.exclude(INVENTORY);
  const kept = await lockNodeRow(transaction, stored.node.id);
  if (kept?.version !== version) return "stale";
  const isSameSystem = kept.bmc_origin === stored.bmcOrigin && kept.system_id === stored.node.bmc.systemId;
  const seen = JSON.parse(kept.observed) as NodeObserved;
  const row = toRow(stored, isSameSystem ? seen : unseen(seen));
  const clash = await findClash(transaction, row);
  if (clash !== undefined) return clash;
  const { db } = transaction;
  await db.updateTable("nodes").set(row).where("id", "=", row.id).execute();
  await db.deleteFrom("labels").where("owner_id", "=", row.id).execute();
  await insertLabels(transaction, stored.node);
  return undefined;
}

/** What was seen of another system is no longer true, but a disc that is owed stays owed. */
function unseen(seen: NodeObserved): NodeObserved {
  const nothing = { power: null, reachable: null, seenAt: null, systemPath: null };
  const nobody = { manufacturer: null, model: null, serialNumber: null, bmcHealth: null };
  return { ...nothing, ...nobody, capabilities: null, described: null, media: seen.media };
}

async function observe(
  transaction: Transaction,
  id: string,
  seen: Partial<NodeObserved>,
): Promise<Node | undefined> {
  if (seen.systemPath != null) await transaction.exclude(INVENTORY);
  const kept = await lockNodeRow(transaction, id);
  if (kept === undefined) return undefined;
  const observed = { ...(JSON.parse(kept.observed) as NodeObserved), ...seen };
  const { name } = JSON.parse(kept.body) as Node;
  if (observed.systemPath !== kept.system_path) {
    const clash = await findClash(transaction, { ...kept, name, system_path: observed.systemPath });
    if (clash !== undefined) return clash.with;
  }
  await transaction.db
    .updateTable("nodes")
    .set({ observed: JSON.stringify(observed), system_path: observed.systemPath })
    .where("id", "=", id)
    .execute();
  return undefined;
}

async function remove({ db, locksRows }: Transaction, id: string): Promise<string | undefined> {
  const lock = await db
    .selectFrom("node_locks")
    .select("holder")
    .where("node_id", "=", id)
    .$if(locksRows, (query) => query.forUpdate())
    .executeTakeFirst();
  if (lock?.holder != null) return lock.holder;
  await db.deleteFrom("labels").where("owner_id", "=", id).execute();
  await db.deleteFrom("nodes").where("id", "=", id).execute();
  await db.deleteFrom("node_locks").where("node_id", "=", id).execute();
  return undefined;
}

function lockNodeRow({ db, locksRows }: Transaction, id: string): Promise<NodeRow | undefined> {
  return db
    .selectFrom("nodes")
    .select(COLUMNS)
    .where("id", "=", id)
    .$if(locksRows, (query) => query.forUpdate())
    .executeTakeFirst();
}

async function insertLabels({ db }: Transaction, { id, labels }: Node): Promise<void> {
  const rows = Object.entries(labels).map(([name, value]) => ({ owner_id: id, name, value }));
  if (rows.length > 0) await db.insertInto("labels").values(rows).execute();
}

type Claimed = Pick<Tables["nodes"], "id" | "name" | "bmc_origin" | "system_id" | "system_path">;

/** See `NodeStore` for what a clash is. */
async function findClash({ db }: Transaction, row: Claimed): Promise<Clash | undefined> {
  const others = db.selectFrom("nodes").select(["body", "observed"]).where("id", "<>", row.id);
  const named = await others.where("name", "=", row.name).executeTakeFirst();
  if (named !== undefined) return { clash: "name", with: toNode(named) };
  const onBmc = others.where("bmc_origin", "=", row.bmc_origin);
  const shared = await onBmc.where((other) => isSameSystem(other, row)).executeTakeFirst();
  return shared && { clash: "bmc", with: toNode(shared) };
}

/** A Redfish Id and an `@odata.id` of one system are told apart only once the tree has been seen: `system_path`. */
function isSameSystem(other: ExpressionBuilder<Tables, "nodes">, row: Claimed) {
  if (row.system_id === null) return sql<boolean>`1 = 1`;
  const names = [row.system_id, ...(row.system_path === null ? [] : [row.system_path])];
  return other.or([
    other("system_id", "is", null),
    other("system_id", "in", names),
    other("system_path", "in", names),
  ]);
}

/** @returns those that are there, by id */
export async function readNodes(read: Sql["read"], ids: string[]): Promise<Map<string, Node>> {
  if (ids.length === 0) return new Map();
  const rows = await read
    .selectFrom("nodes")
    .select(["id", "body", "observed"])
    .where("id", "in", ids)
    .execute();
  return new Map(rows.map(({ id, ...row }) => [id, toNode(row)]));
}

async function list(read: Sql["read"], query: NodeQuery): Promise<Node[]> {
  let found = read.selectFrom("nodes").select(["body", "observed"]);
  if (query.after !== undefined) found = found.where("id", ">", query.after);
  for (const [name, value] of Object.entries(query.labels ?? {}))
    found = found.where("id", "in", (inner) =>
      inner.selectFrom("labels").select("owner_id").where("name", "=", name).where("value", "=", value),
    );
  const rows = await found.orderBy("id").limit(query.limit).execute();
  return rows.map(toNode);
}
