import type { PostgresPool, PostgresPoolClient } from "kysely";
import pg from "pg";
import { DatabaseError } from "../errors.ts";

/** Connections of one process; more only make them wait for each other's locks. */
const CONNECTIONS = 10;
/** Limit for a connection to stand, or to become free. */
const CONNECT_MS = 30_000;
/** Limit for one query: no other is as long, so a connection that is silent for longer is dead. */
const QUERY_MS = 60_000;
/** After this a transaction whose process sleeps is ended, since it holds locks and holds back the streams of events. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** SQLSTATE 08, 25006, 25P03, 53300, 57P01 to 57P05: the connection is gone, or leads to a server that is of no use now. */
const USELESS = /^(?:08...|25006|25P03|53300|57P0[1-5])$/;

export interface Connections {
  pool: PostgresPool;
  close(): Promise<void>;
}

/**
 * Connects on demand. A connection that fails is thrown away, and its users get a DatabaseError `database-unreachable`;
 * the next use makes a new one.
 *
 * @param where names the database in errors, without its password
 */
export function createConnections(url: string, where: string, queryMs = QUERY_MS): Connections {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "trayload",
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: queryMs,
    keepAlive: true,
    types: { getTypeParser },
    onConnect: prepare,
  });
  // The pool has thrown the connection away already, and whoever used it has had an error of its own.
  pool.on("error", () => undefined);
  const unreachable = (cause: unknown) =>
    new DatabaseError(`the PostgreSQL database ${where} could not be reached`, {
      code: "database-unreachable",
      retryable: true,
      hint: "Check that the server runs and lets this host in; TRAYLOAD_DATABASE_URL names it.",
      cause,
    });
  const lent = createCount();
  const connect = async () => {
    const giveBack = lent.add();
    try {
      return lend(await pool.connect(), { unreachable, giveBack });
    } catch (error) {
      giveBack();
      throw isUseless(error) ? unreachable(error) : error;
    }
  };
  return {
    pool: { connect, end: async () => {}, options: {} },
    async close() {
      await lent.close();
      await pool.end();
    },
  };
}

/** Counts what is under way, so that it can end before the pool does: that would leave those waiting for a connection. */
function createCount() {
  const ended = Promise.withResolvers<void>();
  let count = 0;
  let isClosed = false;
  return {
    add(): () => void {
      if (isClosed) throw new Error("the database is closed");
      count += 1;
      return () => {
        count -= 1;
        if (isClosed && count === 0) ended.resolve();
      };
    },
    close(): Promise<void> {
      isClosed = true;
      if (count === 0) ended.resolve();
      return ended.promise;
    },
  };
}

interface Lending {
  unreachable: (cause: unknown) => DatabaseError;
  giveBack: () => void;
}

/** Lends a connection until its release, or its first failure: what is asked after that fails at once. */
function lend(client: pg.PoolClient, { unreachable, giveBack }: Lending): PostgresPoolClient {
  let broken: DatabaseError | undefined;
  const query = async (text: string, parameters: readonly unknown[]) => {
    if (broken !== undefined) throw broken;
    try {
      return await client.query(text, [...parameters]);
    } catch (error) {
      if (!isUseless(error)) throw error;
      broken = unreachable(error);
      throw broken;
    }
  };
  return {
    // Queries come as text alone, since nothing here streams rows with a cursor.
    query: query as unknown as PostgresPoolClient["query"],
    release() {
      client.release(broken);
      giveBack();
    },
  };
}

/** What the server says of a query comes as its own error class; all else is the connection's. */
function isUseless(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || (error.code !== undefined && USELESS.test(error.code));
}

/** Commits must be on disk before a BMC is acted upon, whatever the server's settings say. */
async function prepare(client: pg.ClientBase): Promise<void> {
  // A connection that is lost while it is lent tells so by an event, too; without a listener that would end the process.
  client.on("error", () => undefined);
  await client.query(`set idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`);
  await client.query(`select set_config('synchronous_commit', 'on', false)
    where current_setting('synchronous_commit') = 'off'`);
}

/** 64-bit integers come as numbers: none of ours needs more than 53 bits. */
function getTypeParser(oid: number, format?: "text" | "binary") {
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format as "text");
}
