import { DatabaseError } from "../errors.ts";

/** Primary result codes of SQLite (sqlite.org/rescode.html), the low byte of the extended ones: the disk refuses. */
const IOERR = 10;
const FULL = 13;

/** An error of SQLite; where it is the disk's, so that whoever asked may ask again once it has room. */
export function explain(error: unknown): unknown {
  const { errcode } = error as { errcode?: unknown };
  const primary = typeof errcode === "number" ? errcode & 0xff : undefined;
  if (primary !== FULL && primary !== IOERR) return error;
  const what =
    primary === FULL ? "the disk of the SQLite database is full" : "the disk of the SQLite database fails";
  return new DatabaseError(what, {
    code: "database-disk-failed",
    retryable: true,
    hint: "Make room in the data directory, or mend its disk; deployments go on by themselves then.",
    cause: error,
  });
}
