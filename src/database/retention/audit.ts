import { type AuditFacts, chain } from "../../api/index.ts";
import { insertAudit, readLast } from "../audit.ts";
import type { Sql } from "../sql.ts";

/** Entries of one run. */
const MOST = 2_000;
/** The audit is cut a day at a time, since each cut is an entry of its own. */
const DAY_MS = 24 * 3600 * 1000;

/**
 * Cuts off the beginning of the audit. What stays begins behind the last entry that went, whose number and hash an entry of its
 * own tells at the other end of the chain: so that it can be seen that entries were cut off, by whom, and that none behind
 * them is missing.
 *
 * @param before milliseconds since 1970
 * @returns how many entries went
 */
export function pruneAudit({ write }: Sql, before: number, nowMs: number): Promise<number> {
  return write(async (transaction) => {
    await transaction.exclude("audit");
    const { db } = transaction;
    const first = await db
      .selectFrom("audit")
      .select(["seq", "at"])
      .orderBy("seq")
      .limit(1)
      .executeTakeFirst();
    if (first === undefined || first.at >= before - DAY_MS) return 0;
    const cut = await db
      .selectFrom("audit")
      .select(["seq", "hash"])
      .where("at", "<", before)
      .where("seq", "<", first.seq + MOST)
      .orderBy("seq", "desc")
      .limit(1)
      .executeTakeFirstOrThrow();
    const entry = chain(factsOf(cut, nowMs), await readLast(transaction));
    await insertAudit(transaction, entry);
    // The tables let go of what stands before such a mark, and of nothing else.
    await db.insertInto("audit_cuts").values({ seq: cut.seq, hash: cut.hash, at: nowMs }).execute();
    const { numDeletedRows } = await db.deleteFrom("audit").where("seq", "<=", cut.seq).executeTakeFirst();
    return Number(numDeletedRows);
  });
}

function factsOf(cut: { seq: number; hash: string }, nowMs: number): AuditFacts {
  return {
    at: new Date(nowMs).toISOString(),
    who: { tokenId: "retention", name: "retention", role: "admin" },
    from: "server",
    action: "CUT /v1/audit",
    target: "/v1/audit",
    outcome: "done",
    status: 200,
    code: null,
    requestId: "",
    before: null,
    after: { through: { seq: cut.seq, hash: cut.hash } },
  };
}
