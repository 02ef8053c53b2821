import { type Kysely, sql } from "kysely";
import { type Dialect, table } from "./table.ts";

export async function createInventory(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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

/** So that a list of all nodes reads neither what was seen of each nor its deployments. */
export async function createFleetIndexes(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
  await sql`create index records_newest on records (node_id, kind, id, state, created_at)`.execute(db);
  // PostgreSQL reads the row whatever an index of expressions holds.
  if (dialect === "postgres") return;
  await sql`create index nodes_seen on nodes (name, bmc_origin, observed ->> 'power', observed ->> 'bmcHealth',
    observed ->> 'manufacturer', observed ->> 'model', observed ->> 'serialNumber', id)`.execute(db);
}

export async function createStepTimes(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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
