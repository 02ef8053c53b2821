import type { Kysely } from "kysely";
import { type Dialect, table } from "./table.ts";

export async function createBmcs(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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
