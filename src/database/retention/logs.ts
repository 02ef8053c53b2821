import { sql } from "kysely";
import type { Sql, Transaction } from "../sql.ts";
import type { KeepRules } from "./retention.ts";

/** Pieces of one transaction; one has some kilobytes. */
const BATCH = 200;
const TURNS = 10;

/** Removes what was said to BMCs, by age and by size, but nothing of what has not ended. @returns how many pieces */
export async function pruneLogs(
  database: Sql,
  { logsMs, logsBytes }: Pick<KeepRules, "logsMs" | "logsBytes">,
  nowMs: number,
): Promise<number> {
  const before = logsMs === null ? 0 : nowMs - logsMs;
  let pruned = await turns(() => database.write((transaction) => removeOlder(transaction, before)));
  if ((await sizeOf(database)) > logsBytes)
    pruned += await turns(() =>
      database.write(async (transaction) =>
        (await sizeOf({ read: transaction.db })) > logsBytes ? removeOlder(transaction, nowMs) : 0,
      ),
    );
  return pruned;
}

async function turns(remove: () => Promise<number>): Promise<number> {
  let sum = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const removed = await remove();
    sum += removed;
    if (removed < BATCH) break;
  }
  return sum;
}

/** The oldest first. */
async function removeOlder(transaction: Transaction, before: number): Promise<number> {
  await transaction.exclude("prune");
  const { numDeletedRows } = await transaction.db
    .deleteFrom("transcripts")
    .where((builder) => {
      const old = builder
        .selectFrom("transcripts")
        .select(["record_id", "seq"])
        .where("at", "<", before)
        .where("record_id", "not in", (open) =>
          open.selectFrom("records").select("id").where("phase", "<>", "done"),
        )
        .orderBy("at")
        .limit(BATCH);
      return builder(builder.refTuple("record_id", "seq"), "in", old.$asTuple("record_id", "seq"));
    })
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Told by the rows' headers, without reading what they hold. */
async function sizeOf({ read }: Pick<Sql, "read">): Promise<number> {
  const { rows } = await sql<{ size: number | string | null }>`select sum(octet_length(content)) as size
    from transcripts`.execute(read);
  return Number(rows[0]!.size ?? 0);
}
