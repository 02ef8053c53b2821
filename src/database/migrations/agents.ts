import { type Kysely, sql } from "kysely";
import { type Dialect, table } from "./table.ts";

export async function createAgents(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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
