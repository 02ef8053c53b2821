import type { IdempotencyStore, IdempotentUse, KeptAnswer } from "../api/index.ts";
import type { Sql, Transaction } from "./sql.ts";
import { ABANDONED_MS, ANSWER_KEPT_MS } from "./sweep.ts";

/** See `IdempotencyStore`. */
export function createIdempotency({ write }: Sql): IdempotencyStore {
  return {
    begin: (use, bodyHash) => write((transaction) => begin(transaction, use, bodyHash)),
    finish: (use, answer) =>
      write(async (transaction) => {
        const set = transaction.db.updateTable("idempotency").set({ answer: JSON.stringify(answer) });
        await set.where((row) => row.and(keyOf(use))).execute();
      }),
    abandon: (use) =>
      write(async ({ db }) => {
        const unanswered = db.deleteFrom("idempotency").where("answer", "is", null);
        await unanswered.where((row) => row.and(keyOf(use))).execute();
      }),
  };
}

function keyOf({ tokenId, route, key }: IdempotentUse) {
  return { token_id: tokenId, route, key };
}

/**
 * The insert decides who is first; all others read what the first has written. Only this use's own past is removed here:
 * the rest is swept, so that no request pays for others.
 */
async function begin(
  { db, now }: Transaction,
  use: IdempotentUse,
  bodyHash: string,
): ReturnType<IdempotencyStore["begin"]> {
  await db
    .deleteFrom("idempotency")
    .where((row) => row.and(keyOf(use)))
    .where((row) =>
      row.or([
        row("started_at", "<", row(now, "-", ANSWER_KEPT_MS)),
        row.and([row("answer", "is", null), row("started_at", "<", row(now, "-", ABANDONED_MS))]),
      ]),
    )
    .execute();
  const { numInsertedOrUpdatedRows: inserted } = await db
    .insertInto("idempotency")
    .values({ ...keyOf(use), body_hash: bodyHash, answer: null, started_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (inserted === 1n) return { state: "new" };
  const kept = await db
    .selectFrom("idempotency")
    .select(["body_hash", "answer"])
    .where((row) => row.and(keyOf(use)))
    .executeTakeFirstOrThrow();
  if (kept.body_hash !== bodyHash) return { state: "mismatch" };
  if (kept.answer === null) return { state: "in-progress" };
  return { state: "replay", ...(JSON.parse(kept.answer) as KeptAnswer) };
}
