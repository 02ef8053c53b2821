import { type AuditEntry, type AuditQuery, type AuditStore, chain } from "../api/index.ts";
import type { Sql, Transaction } from "./sql.ts";

/** See `AuditStore`. The tables themselves refuse to change or forget an entry. */
export function createAuditStore({ read, write }: Sql): AuditStore {
  return {
    append: (facts) =>
      write(async (transaction) => {
        // Two that come at once would both follow the same one.
        await transaction.exclude("audit");
        const entry = chain(facts, await readLast(transaction));
        await insertAudit(transaction, entry);
        return entry;
      }),
    list: (query) => list(read, query),
  };
}

/** What the next entry follows. */
export async function readLast({ db }: Transaction) {
  return db.selectFrom("audit").select(["seq", "hash"]).orderBy("seq", "desc").limit(1).executeTakeFirst();
}

export async function insertAudit({ db }: Transaction, entry: AuditEntry): Promise<void> {
  const { seq, at, who, action, target, outcome, hash } = entry;
  const columns = { seq, at: Date.parse(at), who: who?.name ?? null, action, target, outcome, hash };
  await db
    .insertInto("audit")
    .values({ ...columns, body: JSON.stringify(entry) })
    .execute();
}

async function list(read: Sql["read"], query: AuditQuery): Promise<AuditEntry[]> {
  let found = read.selectFrom("audit").select("body");
  if (query.who !== undefined) found = found.where("who", "=", query.who);
  if (query.action !== undefined) found = found.where("action", "=", query.action);
  if (query.outcome !== undefined) found = found.where("outcome", "=", query.outcome);
  if (query.sinceMs !== undefined) found = found.where("at", ">=", query.sinceMs);
  if (query.untilMs !== undefined) found = found.where("at", "<", query.untilMs);
  if (query.target !== undefined) {
    const { target } = query;
    // Texts are compared by their bytes, of which none of a path is above this one.
    found = found.where("target", ">=", target).where("target", "<", `${target}\u{10FFFF}`);
  }
  if (query.beyond !== undefined) found = found.where("seq", query.isOldestFirst ? ">" : "<", query.beyond);
  const rows = await found
    .orderBy("seq", query.isOldestFirst ? "asc" : "desc")
    .limit(query.limit)
    .execute();
  return rows.map(({ body }) => JSON.parse(body) as AuditEntry);
}
