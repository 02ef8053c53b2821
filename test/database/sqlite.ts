import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sql } from "../../src/database/sql.ts";
import { openSqlite } from "../../src/database/sqlite/open.ts";
import { type Database, openDatabase, type SqliteOptions } from "../../src/database/index.ts";

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "trayload-"));
}

/** A SQLite database in a folder of its own, which `close` removes. */
export async function openTemporary(options: Omit<SqliteOptions, "folder"> = {}): Promise<Database> {
  const folder = makeFolder();
  const database = await openDatabase({ folder, ...options });
  return {
    ...database,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The same, without the ports. */
export async function openTemporarySql(): Promise<Sql> {
  const folder = makeFolder();
  const sql = await openSqlite({ folder, groupMs: 0 });
  return {
    ...sql,
    async close() {
      await sql.close();
      rmSync(folder, { recursive: true });
    },
  };
}
