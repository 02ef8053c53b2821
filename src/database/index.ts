// Knows SQL: it opens SQLite or PostgreSQL, migrates it and implements every port that keeps something.
// Must not know the queue or HTTP, and decides nothing: who may do what, and when, is written in the rooms' ports.
// Begin with open.ts, then records/record-store.ts.
export { openBlobIndex } from "./blob-index.ts";
export type { Life, Lineage } from "./lineage.ts";
export {
  KEPT_KINDS,
  type KeepRules,
  type KeptKind,
  type Pruned,
  type Retention,
} from "./retention/retention.ts";
export type { Resealing } from "./reseal.ts";
export { DatabaseError, type DatabaseErrorCode } from "./errors.ts";
export { type Database, type DatabaseOptions, openDatabase, type PostgresOptions } from "./open.ts";
export { copySqlite, restoreSqlite } from "./sqlite/copy.ts";
export type { SqliteOptions } from "./sqlite/open.ts";
