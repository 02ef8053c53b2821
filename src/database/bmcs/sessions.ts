import { NodeError, type SecretBox } from "../../nodes/index.ts";
import type { SessionStore, StoredSession } from "../../redfish/index.ts";
import type { Sql } from "../sql.ts";

/** Seals texts, each for one place alone. */
export type Sealing = Pick<SecretBox, "seal" | "open">;

/** See `SessionStore`. Only the generation can be read without the key, so that a delete needs none. */
export function createSessionStore({ read, write }: Sql, sealing: Sealing): SessionStore {
  return {
    async get(key) {
      const query = read.selectFrom("bmc_sessions").select("sealed").where("key", "=", key);
      const row = await query.executeTakeFirst();
      return row && unseal(sealing, key, row.sealed);
    },
    put: (key, session) =>
      write(async ({ db }) => {
        const sealed = sealing.seal(JSON.stringify(session), placeOfSession(key));
        const row = { generation: session.generation, sealed };
        await db
          .insertInto("bmc_sessions")
          .values({ key, ...row })
          .onConflict((conflict) => conflict.column("key").doUpdateSet(row))
          .execute();
      }),
    delete: (key, generation) =>
      write(async ({ db }) => {
        const kept = db.deleteFrom("bmc_sessions").where("key", "=", key);
        await kept.where("generation", "=", generation).execute();
      }),
  };
}

/**
 * One that cannot be opened is as good as none: a new log-in replaces it, and the BMC ends the old one by itself. An error
 * would keep the BMC out of reach for ever, although its password was entered again after the key was lost.
 */
function unseal(sealing: Sealing, key: string, sealed: string): StoredSession | undefined {
  try {
    return JSON.parse(sealing.open(sealed, placeOfSession(key))) as StoredSession;
  } catch (error) {
    if (error instanceof NodeError && error.code === "secret-unreadable") return undefined;
    throw error;
  }
}

/** What a sealed session is bound to: it opens for its own BMC and user only. */
export function placeOfSession(key: string): string {
  return `bmc-session ${key}`;
}
