import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, SqliteDialect, sql } from "kysely";
import { migrate } from "../migrations.ts";
import type { Sql, Transaction } from "../sql.ts";
import type { Tables } from "../tables.ts";
import { adapt } from "./adapt.ts";
import { createGroupCommit } from "./group-commit.ts";
import { holdFolder } from "./one-process.ts";
import { createSteadyClock } from "./steady-clock.ts";

export interface SqliteOptions {
  /** The data directory; the database lives in its `trayload.db`. Made if it is not there. */
  folder: string;
  /** Milliseconds since 1970, since SQLite has no clock of its own; unless told a steady one that follows the machine's. */
  clock?: () => number;
  /** Told of each time that the machine's clock was set, and by how many milliseconds. */
  onClockSet?: (byMs: number) => void;
  /** How long the first of a group waits for company before it is committed; 2 ms unless told. */
  groupMs?: number;
}

/**
 * Opens `<folder>/trayload.db`, made with mode 0600. Two connections: one writes, in groups; the other reads and sees only
 * what is committed.
 *
 * @throws DatabaseError `database-in-use` at once when another process has it open
 */
export async function openSqlite(options: SqliteOptions): Promise<Sql> {
  const { folder, groupMs, onClockSet } = options;
  const { clock = createSteadyClock(onClockSet && { onSet: onClockSet }) } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const letGo = holdFolder(folder);
  const file = join(folder, "trayload.db");
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const writer = connect(file);
  const db = kyselyOver(writer);
  try {
    await migrate(db, "sqlite");
    await releaseFromTheDead(db, clock());
  } catch (error) {
    writer.close();
    letGo();
    throw error;
  }
  const reader = connect(file);
  const groups = createGroupCommit(writer, groupMs);
  return {
    // The file may lie anywhere; whether its folder is the one that it was used in is the opener's to see.
    place: null,
    read: kyselyOver(reader),
    write: (work) => groups.run(() => work(transactionOn(db, clock()))),
    now: async () => clock(),
    clock,
    settledBelow: undefined,
    field: (column, name) => sql<string | null>`(${sql.ref(column)} ->> ${sql.lit(name)})`,
    isDuplicate: (error, _index, columns) =>
      error instanceof Error && error.message.includes(`UNIQUE constraint failed: ${columns}`),
    async close() {
      await groups.close();
      reader.close();
      writer.close();
      letGo();
    },
  };
}

/** Whoever held something is dead, since this process alone has the folder: nobody need wait for a lease to run out. */
async function releaseFromTheDead(db: Kysely<Tables>, nowMs: number): Promise<void> {
  await db.updateTable("records").set({ due_at: nowMs }).where("phase", "=", "running").execute();
  await db.updateTable("campaign_nodes").set({ due_at: nowMs }).where("phase", "=", "taken").execute();
  await db.deleteFrom("leases").execute();
}

/** FULL, since a BMC is acted upon on the strength of what was appended. */
function connect(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5000, enableForeignKeyConstraints: true });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  return database;
}

function kyselyOver(database: DatabaseSync): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(database) }) });
}

/** The one writer needs no locks, and its numbers of events follow the commits by themselves. */
function transactionOn(db: Kysely<Tables>, nowMs: number): Transaction {
  return {
    db,
    locksRows: false,
    now: sql.val(nowMs) as Transaction["now"],
    nextPosition: () => undefined,
    exclude: async () => {},
  };
}
