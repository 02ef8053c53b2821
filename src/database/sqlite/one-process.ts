import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DatabaseError } from "../errors.ts";

/**
 * Holds the folder for this process. The lock is one of the operating system, taken through SQLite on an empty database
 * beside the real one, so that it ends with the process however that dies; the pid in the other file is only told.
 *
 * @returns a function that lets go
 * @throws DatabaseError `database-in-use`, naming the process that holds it
 */
export function holdFolder(folder: string): () => void {
  const lock = new DatabaseSync(join(folder, "trayload.lock"), { timeout: 0 });
  const pidFile = join(folder, "trayload.pid");
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw inUse(folder, readPid(pidFile), cause);
  }
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  return () => lock.close();
}

function readPid(pidFile: string): string {
  try {
    return readFileSync(pidFile, "utf8").trim();
  } catch {
    // It may be about to be written, or not be ours to read: the refusal stands without it.
    return "unknown";
  }
}

function inUse(folder: string, pid: string, cause: unknown): DatabaseError {
  return new DatabaseError(`the SQLite database in ${folder} is in use by the process with pid ${pid}`, {
    code: "database-in-use",
    retryable: false,
    hint: "Stop that process, or let several processes share a PostgreSQL: TRAYLOAD_DATABASE_URL=postgres://…",
    cause,
  });
}
