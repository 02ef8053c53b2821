import type { Claim, Hint, RecordView } from "../../deploy/index.ts";
import type { Transaction } from "../sql.ts";
import type { RecordRow } from "../tables.ts";
import { lockRecord, readInbox } from "./rows.ts";

/** See `RecordStore.claim`. */
export async function claim(
  transaction: Transaction,
  hint: Hint,
  leaseMs: number,
): Promise<Claim | undefined> {
  const row = await lockRecord(transaction, hint.id);
  if (row === undefined || !isClaimable(row, hint.hint, row.now_ms)) return undefined;
  const epoch = row.epoch + 1;
  const leaseUntilMs = row.now_ms + leaseMs;
  await transaction.db
    .updateTable("records")
    .set({ phase: "running", epoch, lease_ms: leaseMs, due_at: leaseUntilMs })
    .where("id", "=", row.id)
    .execute();
  return {
    id: row.id,
    epoch,
    view: JSON.parse(row.view) as RecordView,
    inboxSeq: row.wakes,
    inbox: row.wakes > row.looked ? await readInbox(transaction, row.id, row.looked) : [],
    nowMs: row.now_ms,
    leaseUntilMs,
  };
}

type Standing = Pick<RecordRow, "phase" | "due_at" | "wakes" | "looked" | "hint">;

/** A late or doubled hint must not make a record look again for nothing, nor take it from whoever has it. */
function isClaimable(row: Standing, hint: number, nowMs: number): boolean {
  const isDue = row.due_at !== null && row.due_at <= nowMs;
  switch (row.phase) {
    case "done":
    case "waiting-node":
      return false;
    case "running":
      return isDue;
    case "idle":
      return isDue || row.wakes > row.looked;
    case "queued":
      return isDue || row.wakes > row.looked || hint >= row.hint;
  }
}

/**
 * See `RecordStore.renew`. A lease that ran out is renewed too, as long as nobody has claimed the record; one that lasts
 * longer, for a request under way, is not cut short.
 */
export async function renew(
  { db, now }: Transaction,
  claims: Pick<Claim, "id" | "epoch">[],
  leaseMs: number,
): Promise<Set<string>> {
  const held = new Set<string>();
  for (const { id, epoch } of inOneOrder(claims)) {
    const { numUpdatedRows } = await db
      .updateTable("records")
      .set(({ eb }) => ({
        phase: "running",
        lease_ms: leaseMs,
        due_at: eb
          .case()
          .when(eb.and([eb("phase", "=", "running"), eb("due_at", ">", eb(now, "+", leaseMs))]))
          .then(eb.ref("due_at"))
          .else(eb(now, "+", leaseMs))
          .end(),
      }))
      .where("id", "=", id)
      .where("epoch", "=", epoch)
      .where("phase", "in", ["running", "queued"])
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0n) held.add(id);
  }
  return held;
}

/** See `RecordStore.giveBack`. What was looked at stays as it is, since what was made of it may not have been kept. */
export async function giveBack(
  transaction: Transaction,
  claims: Pick<Claim, "id" | "epoch">[],
): Promise<void> {
  for (const { id, epoch } of inOneOrder(claims)) {
    const row = await lockRecord(transaction, id);
    if (row?.epoch !== epoch || row.phase !== "running") continue;
    const standing =
      row.waits_node === 1
        ? ({ phase: "waiting-node", due_at: null } as const)
        : ({ phase: "idle", due_at: row.now_ms } as const);
    await transaction.db
      .updateTable("records")
      .set({ ...standing, epoch: epoch + 1 })
      .where("id", "=", id)
      .execute();
  }
}

/** So that two that change several on PostgreSQL never wait for each other. */
function inOneOrder<C extends Pick<Claim, "id">>(claims: C[]): C[] {
  return claims.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
