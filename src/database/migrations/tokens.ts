import { type Kysely, sql } from "kysely";
import { type Dialect, table } from "./table.ts";

export async function createTokens(db: Kysely<unknown>, dialect: Dialect): Promise<void> {
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
