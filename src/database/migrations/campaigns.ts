import { type Kysely, sql } from "kysely";
import { addPosition, type Dialect, table, textOf } from "./table.ts";

export async function createCampaigns(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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
  await addPosition(db.schema.createTable("campaign_events"), dialect)
    .addColumn("campaign_id", textOf(dialect), (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("body", textOf(dialect), (column) => column.notNull())
    .addUniqueConstraint("campaign_events_of_one", ["campaign_id", "seq"])
    .execute();
}
