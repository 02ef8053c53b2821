import { type Kysely, sql } from "kysely";
import { type Dialect, table } from "./table.ts";

export async function createProvisioning(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "exposures", {
    secret_hash: "text",
    record_id: "text",
    kind: "text",
    until: ["bigint", "null"],
    body: "text",
  })
    .addPrimaryKeyConstraint("exposures_pk", ["secret_hash"])
    .execute();
  await sql`create index exposures_record on exposures (record_id, kind)`.execute(db);
  await table(db, dialect, "read_counts", { disc_id: "text", process: "text", reads: "text" })
    .addPrimaryKeyConstraint("read_counts_pk", ["disc_id", "process"])
    .execute();
  await table(db, dialect, "idempotency", {
    token_id: "text",
    route: "text",
    key: "text",
    body_hash: "text",
    answer: ["text", "null"],
    started_at: "bigint",
  })
    .addPrimaryKeyConstraint("idempotency_pk", ["token_id", "route", "key"])
    .execute();
  await sql`create index idempotency_age on idempotency (started_at)`.execute(db);
  await table(db, dialect, "settings", { name: "text", value: "text" })
    .addPrimaryKeyConstraint("settings_pk", ["name"])
    .execute();
}

export async function createSweptIndexes(db: Kysely<unknown>): Promise<void> {
  await sql`create index exposures_until on exposures (until) where until is not null`.execute(db);
  await sql`create index idempotency_unanswered on idempotency (started_at) where answer is null`.execute(db);
}

export async function createRequestBlobs(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "request_blobs", {
    id: "text",
    digest: "text",
    size_bytes: "bigint",
    until: "bigint",
  })
    .addPrimaryKeyConstraint("request_blobs_pk", ["id"])
    .execute();
  await table(db, dialect, "request_blob_pieces", {
    blob_id: "text",
    seq: "integer",
    sealed: "text",
    until: "bigint",
  })
    .addPrimaryKeyConstraint("request_blob_pieces_pk", ["blob_id", "seq"])
    .execute();
  await sql`create index request_blob_pieces_until on request_blob_pieces (until)`.execute(db);
}
