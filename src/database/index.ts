// Knows SQL: it opens SQLite or PostgreSQL, migrates it and implements every port that keeps something.
// Must not know the queue or HTTP, and decides nothing: who may do what, and when, is written in the rooms' ports.
// Begin with open.ts, then records/record-store.ts.
export { openBlobIndex } from "./blob-index.ts";
export { DatabaseError, type DatabaseErrorCode } from "./errors.ts";
export { type Database, type DatabaseOptions, openDatabase, type PostgresOptions } from "./open.ts";
export type { SqliteOptions } from "./sqlite/open.ts";
