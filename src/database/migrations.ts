import { type ColumnDataType, type CreateTableBuilder, type Kysely, sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from "kysely/migration";
import { DatabaseError } from "./errors.ts";
import { createAuditCuts } from "./retention/migration.ts";
import type { Tables } from "./tables.ts";

export type Dialect = "sqlite" | "postgres";

/** Written for both databases. Only ever added to: an older process may still be at work on the same tables. */
function migrations(dialect: Dialect): Record<string, Migration> {
  return {
    "0001-records": { up: (db) => createRecords(db, dialect) },
    "0002-inventory": { up: (db) => createInventory(db, dialect) },
    "0003-provisioning": { up: (db) => createProvisioning(db, dialect) },
    "0004-bmcs": { up: (db) => createBmcs(db, dialect) },
    "0005-sweeping": { up: createSweptIndexes },
    "0006-request-blobs": { up: (db) => createRequestBlobs(db, dialect) },
    "0007-fleet": { up: (db) => createFleetIndexes(db, dialect) },
    "0008-tokens": { up: (db) => createTokens(db, dialect) },
    "0009-audit": { up: (db) => createAudit(db, dialect) },
    "0010-agents": { up: (db) => createAgents(db, dialect) },
    "0011-purposes": { up: (db) => addPurposes(db, dialect) },
    "0012-transcripts": { up: (db) => createTranscripts(db, dialect) },
    "0013-webhooks": { up: (db) => createWebhooks(db, dialect) },
    "0014-lists": { up: createListIndex },
    "0015-campaigns": { up: (db) => createCampaigns(db, dialect) },
    "0016-audit-cuts": { up: (db) => createAuditCuts(db, dialect) },
    "0017-campaign-webhooks": { up: addCampaignPositions },
    "0018-step-times": { up: (db) => createStepTimes(db, dialect) },
  };
}

/**
 * Brings the tables up to date. Several processes may do so at once on PostgreSQL. What a later release has added to them
 * stays and is passed over: a process of this one may be started again beside it.
 *
 * @param upTo the last migration to carry out, as an earlier release would have
 */
export async function migrate(db: Kysely<Tables>, dialect: Dialect, upTo?: string): Promise<void> {
  const all = { ...(await laterOnes(db)), ...migrations(dialect) };
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => all },
  });
  const { error, results } = await (upTo === undefined
    ? migrator.migrateToLatest()
    : migrator.migrateTo(upTo));
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === "Error")?.migrationName ?? "before the first";
  throw new DatabaseError(`the tables could not be brought up to date: migration ${failed} failed`, {
    code: "database-migration-failed",
    retryable: false,
    cause: error,
  });
}

/** Those that were carried out, as if they were known here. */
async function laterOnes(db: Kysely<Tables>): Promise<Record<string, Migration>> {
  const kept = (await db.introspection.getTables({ withInternalKyselyTables: true })).map(({ name }) => name);
  if (!kept.includes(DEFAULT_MIGRATION_TABLE)) return {};
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
  return Object.fromEntries(rows.map(({ name }) => [name, { up: async () => undefined }]));
}

/** In their order. */
export const MIGRATIONS = Object.keys(migrations("sqlite"));

type Columns = Record<string, ColumnDataType | [ColumnDataType, "null"]>;

/** Columns may not be null unless they say so. */
function table(
  db: Kysely<unknown>,
  dialect: Dialect,
  name: string,
  columns: Columns,
): CreateTableBuilder<string, string> {
  const empty: CreateTableBuilder<string, string> = db.schema.createTable(name);
  return Object.entries(columns).reduce((made, [column, spec]) => {
    const [type, canBeNull] = typeof spec === "string" ? [spec, false] : [spec[0], true];
    const kept = type === "text" ? textOf(dialect) : type;
    return made.addColumn(column, kept, (built) => (canBeNull ? built : built.notNull()));
  }, empty);
}

/** Ordered by its bytes on both databases, whatever language PostgreSQL was set up for. */
function textOf(dialect: Dialect) {
  return dialect === "sqlite" ? "text" : sql`text collate "C"`;
}

async function createRecords(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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

/** SQLite numbers the positions itself; on PostgreSQL they are made of the transaction's number. */
async function createEvents(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  const events = db.schema.createTable("events");
  const numbered =
    dialect === "sqlite"
      ? events.addColumn("position", "integer", (column) => column.primaryKey().autoIncrement())
      : events.addColumn("position", "bigint", (column) => column.primaryKey());
  await numbered
    .addColumn("record_id", textOf(dialect), (column) => column.notNull().references("records.id"))
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("body", textOf(dialect), (column) => column.notNull())
    .addUniqueConstraint("events_of_record", ["record_id", "seq"])
    .execute();
}

async function createRequestBlobs(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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

async function createInventory(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "nodes", {
    id: "text",
    name: "text",
    bmc_origin: "text",
    system_id: ["text", "null"],
    system_path: ["text", "null"],
    version: "bigint",
    body: "text",
    observed: "text",
    sealed_password: "text",
  })
    .addPrimaryKeyConstraint("nodes_pk", ["id"])
    .addUniqueConstraint("nodes_name", ["name"])
    .execute();
  await sql`create index nodes_origin on nodes (bmc_origin)`.execute(db);
}

async function createProvisioning(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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

async function createBmcs(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "bmc_sessions", { key: "text", generation: "bigint", sealed: "text" })
    .addPrimaryKeyConstraint("bmc_sessions_pk", ["key"])
    .execute();
  await table(db, dialect, "leases", { name: "text", holder: "text", until: "bigint" })
    .addPrimaryKeyConstraint("leases_pk", ["name"])
    .execute();
  await table(db, dialect, "outages", {
    origin: "text",
    failures: "bigint",
    since_at: "bigint",
    next_try_at: "bigint",
  })
    .addPrimaryKeyConstraint("outages_pk", ["origin"])
    .execute();
}

async function createSweptIndexes(db: Kysely<unknown>): Promise<void> {
  await sql`create index exposures_until on exposures (until) where until is not null`.execute(db);
  await sql`create index idempotency_unanswered on idempotency (started_at) where answer is null`.execute(db);
}

/** So that a list of all nodes reads neither what was seen of each nor its deployments. */
async function createFleetIndexes(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await sql`create index records_newest on records (node_id, kind, id, state, created_at)`.execute(db);
  // PostgreSQL reads the row whatever an index of expressions holds.
  if (dialect === "postgres") return;
  await sql`create index nodes_seen on nodes (name, bmc_origin, observed ->> 'power', observed ->> 'bmcHealth',
    observed ->> 'manufacturer', observed ->> 'model', observed ->> 'serialNumber', id)`.execute(db);
}

async function createTokens(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "tokens", {
    id: "text",
    name: "text",
    role: "text",
    scope: "text",
    hash: "text",
    created_at: "bigint",
    created_by: "text",
    expires_at: ["bigint", "null"],
    last_used_at: ["bigint", "null"],
    revoked_at: ["bigint", "null"],
  })
    .addPrimaryKeyConstraint("tokens_pk", ["id"])
    .addUniqueConstraint("tokens_hash", ["hash"])
    .execute();
  await sql`create unique index tokens_name on tokens (name) where revoked_at is null`.execute(db);
}

async function createTranscripts(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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

async function createAudit(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "audit", {
    seq: "bigint",
    at: "bigint",
    who: ["text", "null"],
    action: "text",
    target: "text",
    outcome: "text",
    hash: "text",
    body: "text",
  })
    .addPrimaryKeyConstraint("audit_pk", ["seq"])
    .execute();
  await sql`create index audit_who on audit (who, seq)`.execute(db);
  await sql`create index audit_target on audit (target, seq)`.execute(db);
  if (dialect === "sqlite") {
    const refusal = sql.lit("the audit is only added to");
    await sql`create trigger audit_stays before update on audit begin select raise(abort, ${refusal}); end`.execute(
      db,
    );
    await sql`create trigger audit_kept before delete on audit begin select raise(abort, ${refusal}); end`.execute(
      db,
    );
    return;
  }
  await sql`create function refuse_audit_change() returns trigger language plpgsql as
    $$ begin raise exception 'the audit is only added to'; end $$`.execute(db);
  await sql`create trigger audit_kept before update or delete on audit
    for each row execute function refuse_audit_change()`.execute(db);
}

async function createAgents(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "agent_boots", {
    id: "text",
    owner: "text",
    sealed: "text",
    token_holder: ["text", "null"],
    contact: ["text", "null"],
    beat_at: ["bigint", "null"],
    inspection: ["text", "null"],
  })
    .addPrimaryKeyConstraint("agent_boots_pk", ["id"])
    .execute();
  await sql`create index agent_boots_owner on agent_boots (owner)`.execute(db);
  await table(db, dialect, "inventories", { node_id: "text", body: "text" })
    .addPrimaryKeyConstraint("inventories_pk", ["node_id"])
    .execute();
}

/** What a deployment is for makes a node's state, so that it is part of the index that tells it. */
async function addPurposes(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await db.schema
    .alterTable("records")
    .addColumn("purpose", textOf(dialect), (column) => column.notNull().defaultTo("deploy"))
    .execute();
  await sql`create index records_newest_purpose
    on records (node_id, kind, id, state, created_at, purpose)`.execute(db);
  await sql`drop index records_newest`.execute(db);
}

async function createWebhooks(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "webhooks", {
    id: "text",
    url: "text",
    events: "text",
    sealed_secret: "text",
    position: "bigint",
    created_at: "bigint",
    created_by: "text",
  })
    .addPrimaryKeyConstraint("webhooks_pk", ["id"])
    .execute();
  await table(db, dialect, "deliveries", {
    id: "text",
    webhook_id: "text",
    position: ["bigint", "null"],
    event: "text",
    state: "text",
    attempts: "integer",
    due_at: ["bigint", "null"],
    created_at: "bigint",
    ended_at: ["bigint", "null"],
    last_status: ["integer", "null"],
    last_error: ["text", "null"],
    body: "text",
  })
    .addPrimaryKeyConstraint("deliveries_pk", ["id"])
    .addUniqueConstraint("deliveries_once", ["webhook_id", "position"])
    .execute();
  await sql`create index deliveries_due on deliveries (due_at) where state = 'pending'`.execute(db);
  await sql`create index deliveries_ended on deliveries (state, ended_at)`.execute(db);
  await sql`create index deliveries_list on deliveries (webhook_id, id)`.execute(db);
}

/** So that a page of a list is found in the order of ids within each state, without a look at the records. */
async function createListIndex(db: Kysely<unknown>): Promise<void> {
  await sql`create index records_list on records (kind, state, id, node_id)`.execute(db);
  await sql`drop index records_kind`.execute(db);
}

async function createCampaigns(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "campaigns", {
    id: "text",
    name: "text",
    state: "text",
    version: "bigint",
    last_event: "bigint",
    body: "text",
    sealed_template: "text",
  })
    .addPrimaryKeyConstraint("campaigns_pk", ["id"])
    .execute();
  await sql`create index campaigns_open on campaigns (id)
    where state in ('running', 'paused', 'cancelling')`.execute(db);
  await table(db, dialect, "campaign_lanes", {
    campaign_id: "text",
    number: "integer",
    is_canary: "integer",
    rack: ["text", "null"],
    site: ["text", "null"],
    server: "text",
    ready: "integer",
    held: "integer",
    running: "integer",
    succeeded: "integer",
    failed: "integer",
    cancelled: "integer",
    skipped: "integer",
    took_ms: "bigint",
  })
    .addPrimaryKeyConstraint("campaign_lanes_pk", ["campaign_id", "number"])
    .execute();
  await createCampaignNodes(db, dialect);
  await table(db, dialect, "campaign_loads", {
    server: "text",
    bytes_per_second: "bigint",
    reading: "integer",
    begun: "integer",
  })
    .addPrimaryKeyConstraint("campaign_loads_pk", ["server"])
    .execute();
}

async function createCampaignNodes(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "campaign_nodes", {
    campaign_id: "text",
    node_id: "text",
    name: "text",
    place: "integer",
    lane: "integer",
    phase: "text",
    claim: "bigint",
    tries: "integer",
    due_at: ["bigint", "null"],
    deployment_id: ["text", "null"],
    is_cancel_sent: "integer",
    hindrance: ["text", "null"],
    admitted_at: ["bigint", "null"],
    ended_at: ["bigint", "null"],
  })
    .addPrimaryKeyConstraint("campaign_nodes_pk", ["campaign_id", "node_id"])
    .execute();
  await sql`create index campaign_nodes_next on campaign_nodes (campaign_id, lane, phase, place)`.execute(db);
  await sql`create index campaign_nodes_list on campaign_nodes (campaign_id, place)`.execute(db);
  await sql`create index campaign_nodes_due on campaign_nodes (due_at) where due_at is not null`.execute(db);
  await sql`create index campaign_nodes_running on campaign_nodes (deployment_id)
    where phase = 'running'`.execute(db);
  await sql`create unique index campaign_nodes_deployment on campaign_nodes (deployment_id)
    where deployment_id is not null`.execute(db);
  const events = db.schema.createTable("campaign_events");
  const numbered =
    dialect === "sqlite"
      ? events.addColumn("position", "integer", (column) => column.primaryKey().autoIncrement())
      : events.addColumn("position", "bigint", (column) => column.primaryKey());
  await numbered
    .addColumn("campaign_id", textOf(dialect), (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("body", textOf(dialect), (column) => column.notNull())
    .addUniqueConstraint("campaign_events_of_one", ["campaign_id", "seq"])
    .execute();
}

/** There were no campaigns before, so that nobody has missed an event of one. */
async function addCampaignPositions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("webhooks")
    .addColumn("campaign_position", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
}

async function createStepTimes(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await table(db, dialect, "step_times", {
    family: "text",
    image: "text",
    step: "text",
    mean_ms: "bigint",
    count: "bigint",
    at: "bigint",
  })
    .addPrimaryKeyConstraint("step_times_pk", ["image", "family", "step"])
    .execute();
  await sql`create index step_times_at on step_times (at)`.execute(db);
}
