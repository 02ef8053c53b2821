import type { ExpressionBuilder, Selectable } from "kysely";
import type { StoredToken, TokenStore } from "../api/index.ts";
import type { Sql } from "./sql.ts";
import type { Tables } from "./tables.ts";

/** See `TokenStore`. */
export function createTokenStore(sql: Sql): TokenStore {
  const { read, write } = sql;
  const found = () => read.selectFrom("tokens").selectAll();
  return {
    insert: async (token) => {
      try {
        await write(({ db }) => db.insertInto("tokens").values(toRow(token)).execute());
        return true;
      } catch (error) {
        if (sql.isDuplicate(error, "tokens_name", "tokens.name")) return false;
        throw error;
      }
    },
    renew: async (token) => {
      const row = toRow(token);
      const named = (name: string) =>
        write(async ({ db }) => {
          const holds = (eb: ExpressionBuilder<Tables, "tokens">) =>
            eb.and([eb("tokens.revoked_at", "is", null), eb("tokens.expires_at", ">", row.created_at)]);
          const kept = await db
            .insertInto("tokens")
            .values({ ...row, name })
            .onConflict((conflict) =>
              conflict.column("id").doUpdateSet((eb) => ({
                name,
                role: row.role,
                scope: row.scope,
                expires_at: row.expires_at,
                revoked_at: null,
                hash: eb.case().when(holds(eb)).then(eb.ref("tokens.hash")).else(row.hash).end(),
              })),
            )
            .returningAll()
            .executeTakeFirstOrThrow();
          return toToken(kept);
        });
      return named(row.name).catch((error: unknown) => {
        if (!sql.isDuplicate(error, "tokens_name", "tokens.name")) throw error;
        return named(`${row.name}#${row.id.slice(-8)}`);
      });
    },
    find: async (hash) => toToken(await found().where("hash", "=", hash).executeTakeFirst()),
    get: async (id) => toToken(await found().where("id", "=", id).executeTakeFirst()),
    list: async () => {
      const rows = await found().where("revoked_at", "is", null).orderBy("name").execute();
      return rows.map((row) => toToken(row));
    },
    revoke: (idOrName, atMs) =>
      write(async ({ db }) => {
        const row = await db
          .updateTable("tokens")
          .set({ revoked_at: atMs })
          .where((token) => token.or([token("id", "=", idOrName), token("name", "=", idOrName)]))
          .where("revoked_at", "is", null)
          .returningAll()
          .executeTakeFirst();
        return toToken(row);
      }),
    used: async (id, atMs) => {
      await write(({ db }) =>
        db.updateTable("tokens").set({ last_used_at: atMs }).where("id", "=", id).execute(),
      );
    },
  };
}

type TokenRow = Selectable<Tables["tokens"]>;

function toRow(token: StoredToken): TokenRow {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    scope: JSON.stringify(token.scope),
    hash: token.hash,
    created_at: token.createdAtMs,
    created_by: token.createdBy,
    expires_at: token.expiresAtMs,
    last_used_at: token.lastUsedAtMs,
    revoked_at: token.revokedAtMs,
  };
}

function toToken(row: TokenRow): StoredToken;
function toToken(row: TokenRow | undefined): StoredToken | undefined;
function toToken(row: TokenRow | undefined): StoredToken | undefined {
  return (
    row && {
      id: row.id,
      name: row.name,
      role: row.role as StoredToken["role"],
      scope: JSON.parse(row.scope) as Record<string, string>,
      hash: row.hash,
      createdAtMs: row.created_at,
      createdBy: row.created_by,
      expiresAtMs: row.expires_at,
      lastUsedAtMs: row.last_used_at,
      revokedAtMs: row.revoked_at,
    }
  );
}
