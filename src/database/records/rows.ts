import type { Selectable } from "kysely";
import type { DeployEvent, InboxItem } from "../../deploy/index.ts";
import type { Transaction } from "../sql.ts";
import type { RecordRow } from "../tables.ts";

/** Milliseconds after which a hint that nobody took is given again. Shorter ones only repeat what a busy queue holds. */
export const REHINT_MS = 5000;

/** A record, held for the rest of the transaction, and the database's clock. */
export function lockRecord(
  transaction: Transaction,
  id: string,
): Promise<(Selectable<RecordRow> & { now_ms: number }) | undefined> {
  return transaction.db
    .selectFrom("records")
    .selectAll()
    .select(transaction.now.as("now_ms"))
    .where("id", "=", id)
    .$if(transaction.locksRows, (query) => query.forUpdate())
    .executeTakeFirst();
}

/** Inbox items beyond `after`, in order. */
export async function readInbox({ db }: Transaction, id: string, after: number): Promise<InboxItem[]> {
  const rows = await db
    .selectFrom("inbox")
    .select("item")
    .where("record_id", "=", id)
    .where("seq", ">", after)
    .orderBy("seq")
    .execute();
  return rows.map(({ item }) => JSON.parse(item) as InboxItem);
}

/** Appends events in their order; `seq` is unique in a record, so that nothing is appended twice. */
export async function insertEvents(transaction: Transaction, id: string, events: DeployEvent[]) {
  if (events.length === 0) return;
  const rows = events.map((event) => {
    const position = transaction.nextPosition();
    const row = { record_id: id, seq: event.seq, body: JSON.stringify(event) };
    return position === undefined ? row : { ...row, position };
  });
  await transaction.db.insertInto("events").values(rows).execute();
}
