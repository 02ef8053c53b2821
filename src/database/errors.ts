/** Kinds by what a person can do about them; public and documented, so only ever added to. */
export type DatabaseErrorCode =
  /** Another process holds the SQLite database. */
  | "database-in-use"
  | "database-url-invalid"
  /** The server is down, out of reach or no longer the primary; what was asked may have been done all the same. */
  | "database-unreachable"
  /** The disk of the SQLite database has no room, or fails; nothing was done. */
  | "database-disk-failed"
  /** A version of PostgreSQL without what is needed. */
  | "database-too-old"
  | "database-migration-failed"
  /** What is to be copied is not where it was looked for. */
  | "database-not-there"
  | "database-copy-failed"
  /** Events that do not follow the record's version: the caller's fold and the record have parted. */
  | "events-out-of-order"
  | "record-not-found"
  | "record-unfinished"
  /** A follow-up that its own commit cannot accept. */
  | "follow-up-refused";

/** The one error of this room. Its message says what was tried, on what; it never holds a password. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;
  /** Whether the same call may succeed later without a person doing anything. */
  readonly retryable: boolean;
  /** What a person can do next. */
  readonly hint: string | undefined;

  constructor(
    message: string,
    facts: { code: DatabaseErrorCode; retryable: boolean; hint?: string; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retryable = facts.retryable;
    this.hint = facts.hint;
  }
}
