import { type Kysely, sql } from "kysely";
import { addPosition, type Dialect, table, textOf } from "./table.ts";

export async function createRecords(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "records", {
    id: "text",
    kind: "text",
    node_id: "text",
    phase: "text",
    waits_node: "integer",
    ticket: ["bigint", "null"],
    due_at: ["bigint", "null"],
    hint: "bigint",
    wakes: "bigint",
    looked: "bigint",
    epoch: "bigint",
    lease_ms: "bigint",
    state: "text",
    version: "bigint",
    view: "text",
    sealed_secrets: ["text", "null"],
    callback_hash: ["text", "null"],
    created_at: "bigint",
  })
    .addPrimaryKeyConstraint("records_pk", ["id"])
    .execute();
  await sql`create index records_due on records (due_at) where due_at is not null`.execute(db);
  await sql`create index records_waiting on records (node_id, ticket) where waits_node = 1`.execute(db);
  await sql`create index records_kind on records (kind, id)`.execute(db);
  await sql`create index records_node on records (node_id, id)`.execute(db);
  await sql`create index records_state on records (state)`.execute(db);
  await sql`create unique index records_callback on records (callback_hash)
    where callback_hash is not null and phase <> 'done'`.execute(db);
  await createEvents(db, dialect);
  await table(db, dialect, "inbox", { record_id: "text", seq: "bigint", item: "text" })
    .addPrimaryKeyConstraint("inbox_pk", ["record_id", "seq"])
    .execute();
  await table(db, dialect, "labels", { owner_id: "text", name: "text", value: "text" })
    .addPrimaryKeyConstraint("labels_pk", ["owner_id", "name"])
    .execute();
  await sql`create index labels_found on labels (name, value, owner_id)`.execute(db);
  await table(db, dialect, "node_locks", { node_id: "text", holder: ["text", "null"], tickets: "bigint" })
    .addPrimaryKeyConstraint("node_locks_pk", ["node_id"])
    .execute();
}

async function createEvents(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await addPosition(db.schema.createTable("events"), dialect)
    .addColumn("record_id", textOf(dialect), (column) => column.notNull().references("records.id"))
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("body", textOf(dialect), (column) => column.notNull())
    .addUniqueConstraint("events_of_record", ["record_id", "seq"])
    .execute();
}

/** What a deployment is for makes a node's state, so that it is part of the index that tells it. */
export async function addPurposes(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await db.schema
    .alterTable("records")
    .addColumn("purpose", textOf(dialect), (column) => column.notNull().defaultTo("deploy"))
    .execute();
  await sql`create index records_newest_purpose
    on records (node_id, kind, id, state, created_at, purpose)`.execute(db);
  await sql`drop index records_newest`.execute(db);
}

/** So that a page of a list is found in the order of ids within each state, without a look at the records. */
export async function createListIndex(db: Kysely<unknown>): Promise<void> {
  await sql`create index records_list on records (kind, state, id, node_id)`.execute(db);
  await sql`drop index records_kind`.execute(db);
}

export async function createTranscripts(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "transcripts", {
    record_id: "text",
    seq: "bigint",
    at: "bigint",
    content: "text",
  })
    .addPrimaryKeyConstraint("transcripts_pk", ["record_id", "seq"])
    .execute();
  await sql`create index transcripts_at on transcripts (at)`.execute(db);
}
