import { sql } from "kysely";
import { type EventBody, fold, type Hint, type InboxItem, type RecordView } from "../../deploy/index.ts";
import { DatabaseError } from "../errors.ts";
import type { Transaction } from "../sql.ts";
import { insertEvents, lockRecord, REHINT_MS } from "./rows.ts";

/**
 * See `RecordStore.wake`. A record that is queued or at work needs no hint: its next look or its park sees the item. One
 * that waits for its node is woken by a cancel alone, so that it can end without the node.
 */
export async function wake(
  transaction: Transaction,
  id: string,
  item: InboxItem,
): Promise<{ hints: Hint[] } | "ended" | undefined> {
  const row = await lockRecord(transaction, id);
  if (row === undefined) return undefined;
  if (row.phase === "done") return "ended";
  const { db, now } = transaction;
  const wakes = row.wakes + 1;
  await db
    .insertInto("inbox")
    .values({ record_id: id, seq: wakes, item: JSON.stringify(item) })
    .execute();
  const rings = row.phase === "idle" || (row.phase === "waiting-node" && item.kind === "cancel");
  const hint = row.hint + 1;
  const woken = { phase: "queued", hint, due_at: sql<number>`${now} + ${REHINT_MS}` } as const;
  await db
    .updateTable("records")
    .set({ wakes, ...(rings ? woken : {}) })
    .where("id", "=", id)
    .execute();
  return { hints: rings ? [{ id, hint }] : [] };
}

/** See `RecordStore.takeDue`: idle records, hints that nobody took, and leases that ran out. */
export async function takeDue({ db, now, locksRows }: Transaction, limit: number): Promise<Hint[]> {
  const rows = await db
    // As a part of its own: within the update PostgreSQL may run it again and again, and take more than the limit.
    .with("due", (before) =>
      before
        .selectFrom("records")
        .select("id")
        .where("due_at", "<=", now)
        .orderBy("due_at")
        .limit(limit)
        .$if(locksRows, (query) => query.forUpdate().skipLocked()),
    )
    .updateTable("records")
    .set(({ eb }) => ({
      phase: "queued",
      hint: eb("hint", "+", 1),
      due_at: eb(now, "+", REHINT_MS),
    }))
    .where("id", "in", (inner) => inner.selectFrom("due").select("id"))
    .returning(["id", "hint"])
    .execute();
  return rows.map(({ id, hint }) => ({ id, hint }));
}

/** See `RecordStore.appendLate`. */
export async function appendLate(transaction: Transaction, id: string, body: EventBody): Promise<void> {
  const row = await lockRecord(transaction, id);
  if (row?.phase !== "done") {
    const [code, what] =
      row === undefined
        ? (["record-not-found", "unknown"] as const)
        : (["record-unfinished", "unfinished"] as const);
    throw new DatabaseError(`a late ${body.type} was to be appended to ${id}, which is ${what}`, {
      code,
      retryable: false,
    });
  }
  const event = { ...body, v: 1 as const, seq: row.version + 1, at: new Date(row.now_ms).toISOString() };
  const view = fold(JSON.parse(row.view) as RecordView, event);
  await insertEvents(transaction, id, [event]);
  await transaction.db
    .updateTable("records")
    .set({ version: event.seq, state: view.state, view: JSON.stringify(view) })
    .where("id", "=", id)
    .execute();
}
