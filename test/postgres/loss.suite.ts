import assert from "node:assert/strict";
import {
  type Database,
  DatabaseError,
  type DatabaseErrorCode,
  openDatabase,
} from "../../src/database/index.ts";
import { openPostgres } from "../../src/database/postgres/open.ts";
import { accepted, begun, forward, GO_ON, newRecord, pass } from "../database/fixture.ts";
import { until } from "../until.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";
import { ask } from "./tables.ts";

const OURS = `from pg_stat_activity where application_name = 'trayload' and pid <> pg_backend_pid()`;
const KILL_ALL = `select pg_terminate_backend(pid) ${OURS}`;

async function fails(promise: Promise<unknown>, code: DatabaseErrorCode): Promise<DatabaseError> {
  const error = await promise.then(
    () => assert.fail(`succeeded, expected ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DatabaseError, String(error));
  assert.equal(error.code, code);
  return error;
}

describe("a PostgreSQL that goes away", () => {
  let server: PostgresServer;
  let database: Database | undefined;
  before(async function () {
    needPostgres(this);
    server = await startPostgres();
  });
  after(() => server?.remove());
  afterEach(async () => {
    await database?.close();
    database = undefined;
  });

  it("is not noticed when it only dropped idle connections", async () => {
    database = await openDatabase({ url: server.url });
    const { id } = await accepted(database, newRecord());
    await ask(server.url, KILL_ALL);
    await until(async () => (await ask(server.url, `select pid ${OURS}`)).length === 0);
    await pass(50);
    assert.equal((await database.records.get(id))?.id, id);
    await accepted(database, newRecord());
  });

  it("fails the transaction that it cut, keeps nothing of it, and takes the next", async () => {
    const sql = await openPostgres(server.url);
    const write = (name: string, meanwhile: () => Promise<unknown>) =>
      sql.write(async ({ db }) => {
        await db.insertInto("settings").values({ name, value: "" }).execute();
        await meanwhile();
      });
    const cut = async () => {
      await ask(server.url, KILL_ALL);
      // Long enough to hear of it while nothing is asked.
      await pass(50);
    };
    const error = await fails(write("cut", cut), "database-unreachable");
    assert.equal(error.retryable, true);
    await write("next", async () => {});
    const kept = await sql.read.selectFrom("settings").select("name").where("value", "=", "").execute();
    assert.deepEqual(kept, [{ name: "next" }]);
    await sql.close();
  });

  it("fails what is asked while it is down, and serves again with all that was kept", async () => {
    database = await openDatabase({ url: server.url });
    const claim = await begun(database);
    const step = forward(claim.view, GO_ON);
    await database.records.commit(claim, step);
    await server.kill();
    const error = await fails(database.records.get(claim.id), "database-unreachable");
    assert.match(error.message, /postgres on \/.*trayload-pg-/);
    await fails(database.records.accept(newRecord()), "database-unreachable");
    await fails(openDatabase({ url: server.url }), "database-unreachable");
    await server.start();
    assert.deepEqual(await database.records.get(claim.id), step.view);
    assert.ok((await database.records.commit(claim, forward(step.view, GO_ON))).kept);
  });

  it("is closed only after what was begun has ended, and takes nothing more", async () => {
    database = await openDatabase({ url: server.url });
    const begunWrites = Array.from({ length: 30 }, () => accepted(database!, newRecord()));
    const closing = database.close();
    await assert.rejects(database.records.get("dep_1"), /closed/);
    assert.equal((await Promise.all(begunWrites)).length, 30);
    await closing;
    database = undefined;
  });

  it("is named without its password when it cannot be reached", async () => {
    const error = await fails(
      openDatabase({ url: "postgres://trayload:canary@127.0.0.1:1/main?password=canary2" }),
      "database-unreachable",
    );
    assert.match(error.message, /main on 127\.0\.0\.1:1/);
    const told = [error, error.cause].map((one) => `${String(one)} ${JSON.stringify(one)}`).join(" ");
    assert.doesNotMatch(told, /canary/);
    const bad = await fails(openDatabase({ url: "postgres://a:canary@h:x/db" }), "database-url-invalid");
    assert.doesNotMatch(`${bad.stack} ${JSON.stringify(bad)}`, /canary/);
  });

  it("keeps commits durable, and ends transactions of processes that sleep, whatever it was told", async () => {
    await ask(server.url, "alter role trayload set synchronous_commit = off");
    const sql = await openPostgres(server.url);
    const told = await sql.read
      .selectNoFrom((eb) => [
        eb.fn<string>("current_setting", [eb.val("synchronous_commit")]).as("durable"),
        eb.fn<string>("current_setting", [eb.val("idle_in_transaction_session_timeout")]).as("sleeper"),
      ])
      .execute();
    await sql.close();
    await ask(server.url, "alter role trayload reset synchronous_commit");
    assert.deepEqual(told, [{ durable: "on", sleeper: "10s" }]);
  });
});
