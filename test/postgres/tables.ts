import pg from "pg";

/** Asks the server itself, past what is tested. */
export async function ask<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const TABLES = [
  "events",
  "records",
  "inbox",
  "labels",
  "node_locks",
  "nodes",
  "exposures",
  "read_counts",
  "idempotency",
  "bmc_sessions",
  "leases",
  "outages",
  "agent_boots",
  "inventories",
  "request_blobs",
  "request_blob_pieces",
  "campaigns",
  "campaign_lanes",
  "campaign_nodes",
  "campaign_events",
  "campaign_loads",
  "step_times",
  "tokens",
  "webhooks",
  "deliveries",
];

/** Empties the tables, which is quicker than making them again. */
export async function empty(url: string): Promise<void> {
  await ask(
    url,
    [...TABLES.map((table) => `delete from ${table};`), "truncate audit, audit_cuts;"].join("\n"),
  );
}
