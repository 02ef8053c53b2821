import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { DatabaseError } from "../errors.ts";
import { COPIED } from "../lineage.ts";
import { holdFolder } from "./one-process.ts";

/** Name of the database in a data directory, and in a backup. */
const NAME = "trayload.db";

/**
 * Copies the database of a data directory while a server may be writing to it (SQLite's online backup), as one file, and marks
 * the copy as one.
 *
 * @param at RFC 3339, what the copy says of itself
 * @throws DatabaseError `database-not-there`, or `database-copy-failed` when the copy does not hold together
 */
export async function copySqlite(dataDir: string, to: string, at: string): Promise<{ file: string }> {
  const from = join(dataDir, NAME);
  if (!existsSync(from)) throw notThere(from);
  const file = join(to, NAME);
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 });
  try {
    await backup(source, `${file}.part`);
  } finally {
    source.close();
  }
  mark(`${file}.part`, at);
  renameSync(`${file}.part`, file);
  return { file };
}

function mark(file: string, at: string): void {
  const copy = new DatabaseSync(file);
  try {
    copy.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;");
    const [check] = copy.prepare("PRAGMA quick_check(1)").all() as { quick_check: string }[];
    if (check?.quick_check !== "ok")
      throw new DatabaseError(`the copy ${file} does not hold together: ${check?.quick_check}`, {
        code: "database-copy-failed",
        retryable: true,
      });
    copy
      .prepare(
        "insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
      )
      .run(COPIED, at);
  } finally {
    copy.close();
  }
}

/**
 * Puts a copy into a data directory, in which no server runs. What was there is kept beside it.
 *
 * @returns where the former database is now; null where there was none
 * @throws DatabaseError `database-in-use`, `database-not-there`
 */
export async function restoreSqlite(from: string, dataDir: string): Promise<{ former: string | null }> {
  const source = join(from, NAME);
  if (!existsSync(source)) throw notThere(source);
  const letGo = holdFolder(dataDir);
  try {
    const file = join(dataDir, NAME);
    const copy = new DatabaseSync(source, { readOnly: true });
    try {
      await backup(copy, `${file}.restored`);
    } finally {
      copy.close();
    }
    const former = existsSync(file) ? `${file}.before-restore` : null;
    // What is in the log of the former belongs to it alone.
    if (former !== null) {
      const old = new DatabaseSync(file);
      old.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      old.close();
      renameSync(file, former);
    }
    for (const ending of ["-wal", "-shm"]) rmSync(`${file}${ending}`, { force: true });
    renameSync(`${file}.restored`, file);
    return { former };
  } finally {
    letGo();
  }
}

function notThere(file: string): DatabaseError {
  return new DatabaseError(`there is no ${file}`, { code: "database-not-there", retryable: false });
}
