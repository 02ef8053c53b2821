import type { Kysely, RawBuilder } from "kysely";
import type { Tables } from "./tables.ts";

/** Work inside one transaction. */
export interface Transaction {
  db: Kysely<Tables>;
  /** Whether rows that are read to be changed must be locked; SQLite has one writer anyway. */
  locksRows: boolean;
  /** The database's clock, milliseconds since 1970, as an expression of a query. */
  now: RawBuilder<number>;
  /** The position of the transaction's next event; undefined where the database numbers them itself. */
  nextPosition(): RawBuilder<number> | undefined;
  /** Holds every other transaction that asks for the same name until this one ends. */
  exclude(name: string): Promise<void>;
}

/**
 * One of the two databases.
 *
 * Transactions lock a node before its records, and never two records without the node, so that none wait in a circle.
 */
export interface Sql {
  /** Names this database among all others, so that a copy in another place is known; null where nothing does. */
  place: string | null;
  /** Sees what is committed, and nothing else. */
  read: Kysely<Tables>;
  /** Runs `work` in one transaction, durable when the promise is kept; it may be run again when the database asks for it. */
  write: <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>;
  /** The database's clock, milliseconds since 1970. */
  now: () => Promise<number>;
  /** The same, as far as this process knows it without asking. */
  clock: () => number;
  /** Events at this position and beyond may still get company before them; undefined where they cannot. */
  settledBelow: RawBuilder<number> | undefined;
  /** A field of JSON that is kept as text, as text; null when it is null or not there. */
  field(column: string, name: string): RawBuilder<string | null>;
  /** Whether `error` says that a unique index was hit, and that it is this one. */
  isDuplicate(error: unknown, index: string, columns: string): boolean;
  close(): Promise<void>;
}
