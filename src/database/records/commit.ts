import type { Claim, Commit, CommitResult, Hint, NewRecord } from "../../deploy/index.ts";
import { DatabaseError } from "../errors.ts";
import type { Transaction } from "../sql.ts";
import type { RecordRow } from "../tables.ts";
import { accept } from "./accept.ts";
import { handOver, lockNode } from "./node-lock.ts";
import { insertEvents, lockRecord, readInbox } from "./rows.ts";

type Held = Pick<RecordRow, "id" | "epoch" | "wakes" | "looked" | "version" | "lease_ms" | "waits_node"> & {
  now_ms: number;
};

/** See `RecordStore.commit`. */
export async function commit(
  transaction: Transaction,
  claim: Pick<Claim, "id" | "epoch" | "inboxSeq">,
  step: Commit,
): Promise<CommitResult> {
  const nodeId = step.view.node.id;
  const isLast = step.next.kind === "end";
  const holder = isLast || step.followUp ? await lockNode(transaction, nodeId) : null;
  const row = await lockRecord(transaction, claim.id);
  // The fence: whoever claimed the record since has raised its epoch.
  if (row === undefined || row.epoch !== claim.epoch || row.phase === "done") return { kept: false };
  refuseDisorder(row, step);
  await insertEvents(transaction, claim.id, step.events);
  const standing = standAfter(row, claim.inboxSeq, step.next);
  await transaction.db
    .updateTable("records")
    .set({ ...standing, looked: claim.inboxSeq, ...kept(step) })
    .where("id", "=", claim.id)
    .execute();
  const inbox = row.wakes > claim.inboxSeq ? await readInbox(transaction, claim.id, claim.inboxSeq) : [];
  if (row.wakes > row.looked) await clearInbox(transaction, claim.id, isLast ? row.wakes : claim.inboxSeq);
  const hints: Hint[] = isLast && holder === claim.id ? await handOver(transaction, nodeId) : [];
  if (step.followUp) hints.push(...(await acceptFollowUp(transaction, step.followUp)));
  const parked = standing.phase === "idle" || standing.phase === "waiting-node";
  return { kept: true, parked, inbox, inboxSeq: row.wakes, nowMs: row.now_ms, hints };
}

function kept({ view }: Commit) {
  return { state: view.state, version: view.version, view: JSON.stringify(view) };
}

/**
 * A park goes round instead when something came in since the last look, so that no wake is lost between look and park. A
 * park raises the epoch, so that nothing more is appended under the claim that was let go.
 */
function standAfter(row: Held, inboxSeq: number, next: Commit["next"]) {
  if (next.kind === "end") return { phase: "done", due_at: null, waits_node: 0 } as const;
  if (next.kind === "go-on") return { phase: "running", due_at: after(row, next.leaseMs) } as const;
  if (row.wakes > inboxSeq) return { phase: "running", due_at: row.now_ms + row.lease_ms } as const;
  const epoch = row.epoch + 1;
  if (row.waits_node === 1) return { phase: "waiting-node", due_at: null, epoch } as const;
  return { phase: "idle", due_at: after(row, next.dueInMs), epoch } as const;
}

/** Whole milliseconds, since PostgreSQL refuses parts of them. */
function after({ now_ms }: Held, ms: number): number {
  return now_ms + Math.ceil(ms);
}

/** Events must follow the record's last one, and the view must be their fold. */
function refuseDisorder(row: Held, { events, view }: Commit): void {
  const follows = events.every((event, index) => event.seq === row.version + 1 + index);
  if (follows && view.version === row.version + events.length) return;
  const seqs = events.map(({ seq }) => seq).join(", ");
  throw new DatabaseError(
    `events ${seqs || "none"} with a view of version ${view.version} do not follow version ${row.version} of ${row.id}`,
    { code: "events-out-of-order", retryable: false },
  );
}

async function clearInbox({ db }: Transaction, id: string, upTo: number): Promise<void> {
  await db.deleteFrom("inbox").where("record_id", "=", id).where("seq", "<=", upTo).execute();
}

async function acceptFollowUp(transaction: Transaction, followUp: NewRecord): Promise<Hint[]> {
  const accepted = await accept(transaction, followUp);
  if (accepted.accepted) return accepted.hints;
  throw new DatabaseError(`the follow-up ${followUp.view.id} was refused: ${accepted.reason}`, {
    code: "follow-up-refused",
    retryable: false,
    hint: 'Accept follow-ups with node: "none" or "queue".',
  });
}
