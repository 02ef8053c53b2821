import { type Kysely, sql } from "kysely";
import { type Dialect, table } from "./table.ts";

export async function createWebhooks(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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

/** There were no campaigns before, so that nobody has missed an event of one. */
export async function addCampaignPositions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("webhooks")
    .addColumn("campaign_position", "bigint", (column) => column.notNull().defaultTo(0))
    .execute();
}
