import type { IdempotencyStore } from "../api/index.ts";
import type { Exposures, RecordStore } from "../deploy/index.ts";
import type { ReadCounts } from "../images/index.ts";
import type { NodeStore } from "../nodes/index.ts";
import type { Breaker, Lease, SessionStore } from "../redfish/index.ts";
import { createBreaker } from "./bmcs/breaker.ts";
import { createLease } from "./bmcs/lease.ts";
import { createSessionStore, type Sealing } from "./bmcs/sessions.ts";
import { createExposures } from "./exposures.ts";
import { createIdempotency } from "./idempotency.ts";
import { createNodeStore } from "./nodes.ts";
import { createReadCounts } from "./read-counts.ts";
import { createRecordStore } from "./records/record-store.ts";
import { openSqlite } from "./sqlite/open.ts";

export interface DatabaseOptions {
  /** The data directory; SQLite lives in its `trayload.db`. Made if it is not there. */
  folder: string;
  /** Milliseconds since 1970, where the database has no clock of its own: SQLite. */
  clock?: () => number;
  /** How long SQLite waits for company before it commits; 2 ms unless told. */
  groupMs?: number;
}

/** The ports of all rooms on one database. */
export interface Database {
  records: RecordStore;
  exposures: Exposures;
  nodes: NodeStore;
  readCounts: ReadCounts;
  idempotency: IdempotencyStore;
  /** Sessions of BMCs, which `sealing` keeps unreadable at rest. */
  sessions(sealing: Sealing): SessionStore;
  lease: Lease;
  breaker: Breaker;
  /** The database's clock, milliseconds since 1970: for leases, deadlines and the times of events. */
  now(): Promise<number>;
  /** Lets what was begun end, then closes. */
  close(): Promise<void>;
}

/**
 * Opens the database and brings its tables up to date.
 *
 * @throws DatabaseError `database-in-use` when another process has the SQLite of this folder
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { folder, clock = Date.now, groupMs } = options;
  const sql = await openSqlite({ folder, clock, ...(groupMs === undefined ? {} : { groupMs }) });
  return {
    records: createRecordStore(sql),
    exposures: createExposures(sql),
    nodes: createNodeStore(sql),
    readCounts: createReadCounts(sql),
    idempotency: createIdempotency(sql),
    sessions: (sealing) => createSessionStore(sql, sealing),
    lease: createLease(sql),
    breaker: createBreaker(sql),
    now: () => sql.now(),
    close: () => sql.close(),
  };
}
