import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { DatabaseError } from "../errors.ts";
import { migrate } from "../migrations.ts";
import type { Sql, Transaction } from "../sql.ts";
import type { Tables } from "../tables.ts";
import { followClock } from "./clock.ts";
import { createConnections } from "./pool.ts";
import { alignPositions, createPositions, settledBelow } from "./positions.ts";

/** The first with `pg_current_xact_id`. */
const OLDEST = 13;
/** How often a transaction is run again that the database gave up in favour of another. */
const REPEATS = 5;
const UNIQUE_VIOLATION = "23505";
/** Serialization failure and deadlock. */
const RUN_AGAIN = ["40001", "40P01"];

/** The time at which the statement began: steady within it, so that indexes serve, and never before a lock was waited for. */
const now: Transaction["now"] = sql`floor(extract(epoch from statement_timestamp()) * 1000)::bigint`;

/**
 * Opens a PostgreSQL database that other processes may have open, too.
 *
 * @param url `postgres://user:password@host:port/database`, with the parameters of libpq behind `?`; a unix socket's folder
 *   is given as `?host=`
 * @throws DatabaseError `database-url-invalid`, `database-unreachable`, `database-too-old`, `database-migration-failed`
 */
export async function openPostgres(url: string): Promise<Sql> {
  const connections = createConnections(url, nameOf(url));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: connections.pool }) });
  const ask = async () => {
    const { rows } = await sql<{ now_ms: number }>`select ${now} as now_ms`.execute(db);
    return rows[0]!.now_ms;
  };
  try {
    await refuseOld(db);
    await migrate(db, "postgres");
    await alignPositions(db);
    const clock = await followClock(ask);
    return {
      place: await readPlace(db),
      read: db,
      write: (work) => transact(db, work),
      now: ask,
      clock: () => clock.now(),
      settledBelow,
      field: (column, name) => sql<string | null>`(${sql.ref(column)}::json ->> ${sql.lit(name)})`,
      isDuplicate: (error, index) =>
        error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION && error.constraint === index,
      async close() {
        clock.close();
        await connections.close();
      },
    };
  } catch (error) {
    await connections.close();
    throw error;
  }
}

/** Never shows the user's name and password, nor parameters. */
function nameOf(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    const host = searchParams.get("host") ?? hostname;
    return `${pathname.slice(1)} on ${host}${port === "" ? "" : `:${port}`}`;
  } catch {
    // The parser's error would show the text, and the password in it.
    throw new DatabaseError("the database URL cannot be read", {
      code: "database-url-invalid",
      retryable: false,
      hint: "Write it like postgres://user:password@host:5432/database, with special characters percent-encoded.",
    });
  }
}

/** The cluster, where it may be asked for, and the database in it: a dump that is restored elsewhere has another. */
async function readPlace(db: Kysely<Tables>): Promise<string> {
  const own = sql`(select oid from pg_database where datname = current_database())`;
  const may = sql<{ may: boolean }>`select has_function_privilege('pg_control_system()', 'execute') as may`;
  const cluster = (await may.execute(db)).rows[0]!.may
    ? sql`(select system_identifier from pg_control_system())::text`
    : sql`'?'`;
  const { rows } = await sql<{ place: string }>`select ${cluster} || '/' || ${own} as place`.execute(db);
  return rows[0]!.place;
}

async function refuseOld(db: Kysely<Tables>): Promise<void> {
  const asked = sql<{ number: number }>`select current_setting('server_version_num')::integer as number`;
  const { rows } = await asked.execute(db);
  const version = Math.floor(rows[0]!.number / 10_000);
  if (version >= OLDEST) return;
  throw new DatabaseError(`the PostgreSQL server is of version ${version}`, {
    code: "database-too-old",
    retryable: false,
    hint: `Use PostgreSQL ${OLDEST} or later.`,
  });
}

async function transact<T>(db: Kysely<Tables>, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      return await db.transaction().execute((inside) => work(transactionOn(inside)));
    } catch (error) {
      const isAgain = error instanceof pg.DatabaseError && RUN_AGAIN.includes(error.code ?? "");
      if (!isAgain || repeats === REPEATS) throw error;
    }
  }
}

function transactionOn(db: Kysely<Tables>): Transaction {
  return {
    db,
    locksRows: true,
    now,
    nextPosition: createPositions(),
    async exclude(name) {
      await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(db);
    },
  };
}
