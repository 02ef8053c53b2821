import { sql } from "kysely";
import type { NewRecord, RecordStore } from "../../deploy/index.ts";
import { giveDeployment, isStillTaken } from "../campaigns/accept.ts";
import type { Transaction } from "../sql.ts";
import { drawTicket, setHolder } from "./node-lock.ts";
import { insertEvents, REHINT_MS } from "./rows.ts";

export type Accepted = Awaited<ReturnType<RecordStore["accept"]>>;

/** Where a new record stands towards its node. */
interface Place {
  waits: boolean;
  ticket: number | null;
  behind: string | null;
}

/** See `RecordStore.accept`. A call-back secret in use fails the insert by the index `records_callback`. */
export async function accept(transaction: Transaction, record: NewRecord): Promise<Accepted> {
  const { view, campaign } = record;
  if (campaign !== undefined && !(await isStillTaken(transaction, campaign, view.node.id)))
    return { accepted: false, reason: "not-taken" };
  if (record.node === "none")
    return insert(transaction, record, { waits: false, ticket: null, behind: null });
  const { holder, tickets: ticket } = await drawTicket(transaction, view.node.id);
  if (holder === null) {
    await setHolder(transaction, view.node.id, view.id);
    return insert(transaction, record, { waits: false, ticket, behind: null });
  }
  if (record.node === "now") return { accepted: false, reason: "node-busy", holder };
  const behind = (await lastWaiting(transaction, view.node.id)) ?? holder;
  return insert(transaction, record, { waits: true, ticket, behind });
}

async function lastWaiting({ db }: Transaction, nodeId: string): Promise<string | undefined> {
  const last = await db
    .selectFrom("records")
    .select("id")
    .where("node_id", "=", nodeId)
    .where("waits_node", "=", 1)
    .orderBy("ticket", "desc")
    .limit(1)
    .executeTakeFirst();
  return last?.id;
}

async function insert(transaction: Transaction, record: NewRecord, place: Place): Promise<Accepted> {
  const { view } = record;
  const { id } = view;
  await transaction.db
    .insertInto("records")
    .values({
      id,
      kind: view.kind,
      node_id: view.node.id,
      phase: place.waits ? "waiting-node" : "queued",
      waits_node: place.waits ? 1 : 0,
      ticket: place.ticket,
      due_at: place.waits ? null : sql<number>`${transaction.now} + ${REHINT_MS}`,
      hint: place.waits ? 0 : 1,
      wakes: 0,
      looked: 0,
      epoch: 0,
      lease_ms: 0,
      state: view.state,
      version: view.version,
      view: JSON.stringify(view),
      sealed_secrets: record.sealedSecrets,
      callback_hash: record.callbackHash,
      created_at: Date.parse(view.createdAt),
      purpose: "purpose" in view.request ? view.request.purpose : "deploy",
    })
    .execute();
  await insertEvents(transaction, id, [record.event]);
  await insertLabels(transaction, record);
  if (record.campaign !== undefined) await giveDeployment(transaction, record.campaign, view.node.id, id);
  return { accepted: true, hints: place.waits ? [] : [{ id, hint: 1 }], behind: place.behind };
}

async function insertLabels({ db }: Transaction, { view: { id, request } }: NewRecord): Promise<void> {
  const labels = "labels" in request ? Object.entries(request.labels) : [];
  if (labels.length === 0) return;
  const rows = labels.map(([name, value]) => ({ owner_id: id, name, value }));
  await db.insertInto("labels").values(rows).execute();
}
