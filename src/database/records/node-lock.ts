import { sql } from "kysely";
import type { Claim, Hint } from "../../deploy/index.ts";
import type { Transaction } from "../sql.ts";
import { lockRecord, REHINT_MS } from "./rows.ts";

/** Takes a place in the order of those who want a node, and holds the node's lock for the rest of the transaction. */
export function drawTicket(
  { db }: Transaction,
  nodeId: string,
): Promise<{ holder: string | null; tickets: number }> {
  return db
    .insertInto("node_locks")
    .values({ node_id: nodeId, holder: null, tickets: 1 })
    .onConflict((conflict) =>
      conflict.column("node_id").doUpdateSet({ tickets: sql`node_locks.tickets + 1` }),
    )
    .returning(["holder", "tickets"])
    .executeTakeFirstOrThrow();
}

/** Holds a node's lock for the rest of the transaction. @returns who has the node */
export async function lockNode({ db, locksRows }: Transaction, nodeId: string): Promise<string | null> {
  const lock = await db
    .selectFrom("node_locks")
    .select("holder")
    .where("node_id", "=", nodeId)
    .$if(locksRows, (query) => query.forUpdate())
    .executeTakeFirst();
  return lock?.holder ?? null;
}

export async function setHolder({ db }: Transaction, nodeId: string, holder: string | null): Promise<void> {
  await db.updateTable("node_locks").set({ holder }).where("node_id", "=", nodeId).execute();
}

/** Frees the node of an ended record, whose lock is held, and gives it to the next in order of acceptance. */
export async function handOver(transaction: Transaction, nodeId: string): Promise<Hint[]> {
  const next = await transaction.db
    .selectFrom("records")
    .select("id")
    .where("node_id", "=", nodeId)
    .where("waits_node", "=", 1)
    .orderBy("ticket")
    .limit(1)
    .executeTakeFirst();
  await setHolder(transaction, nodeId, next?.id ?? null);
  return next === undefined ? [] : releaseWaiting(transaction, next.id);
}

/** One that was woken by a cancel is at work already, and only learns that it has the node. */
async function releaseWaiting(transaction: Transaction, id: string): Promise<Hint[]> {
  const row = await lockRecord(transaction, id);
  const isAsleep = row?.phase === "waiting-node";
  const hint = (row?.hint ?? 0) + 1;
  const woken = { phase: "queued", hint, due_at: sql<number>`${transaction.now} + ${REHINT_MS}` } as const;
  await transaction.db
    .updateTable("records")
    .set({ waits_node: 0, ...(isAsleep ? woken : {}) })
    .where("id", "=", id)
    .execute();
  return isAsleep ? [{ id, hint }] : [];
}

/** See `RecordStore.takeNode`. */
export async function takeNode(
  transaction: Transaction,
  { id, epoch }: Pick<Claim, "id" | "epoch">,
): Promise<boolean> {
  const nodeId = await nodeOf(transaction, id);
  if (nodeId === undefined) return false;
  const { holder } = await drawTicket(transaction, nodeId);
  if (!(await isHeld(transaction, id, epoch))) return false;
  if (holder === null) await setHolder(transaction, nodeId, id);
  return holder === null || holder === id;
}

/** See `RecordStore.leaveNode`. */
export async function leaveNode(
  transaction: Transaction,
  { id, epoch }: Pick<Claim, "id" | "epoch">,
): Promise<Hint[]> {
  const nodeId = await nodeOf(transaction, id);
  if (nodeId === undefined) return [];
  const holder = await lockNode(transaction, nodeId);
  const mayLeave = (await isHeld(transaction, id, epoch)) && holder === id;
  return mayLeave ? handOver(transaction, nodeId) : [];
}

async function nodeOf({ db }: Transaction, id: string): Promise<string | undefined> {
  const query = db.selectFrom("records").select("node_id").where("id", "=", id);
  return (await query.executeTakeFirst())?.node_id;
}

async function isHeld(transaction: Transaction, id: string, epoch: number): Promise<boolean> {
  const row = await lockRecord(transaction, id);
  return row?.epoch === epoch && row.phase !== "done";
}
