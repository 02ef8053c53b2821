import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseError } from "../../src/database/index.ts";
import { createConnections } from "../../src/database/postgres/pool.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";

const isUnreachable = (error: unknown) =>
  error instanceof DatabaseError && error.code === "database-unreachable";

/** A way to the server on which what was sent can be lost without a word. */
async function openWay(to: string) {
  const folder = mkdtempSync(join(tmpdir(), "trayload-way-"));
  const sockets = new Set<Socket>();
  const way = createServer((near) => {
    const far = connect(to);
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("error", () => into.destroy()).on("close", () => into.destroy());
      from.pipe(into);
    }
  });
  await new Promise<void>((resume) => way.listen(join(folder, ".s.PGSQL.5432"), resume));
  return {
    url: `postgres:///postgres?host=${folder}&user=trayload`,
    swallow() {
      for (const socket of sockets) socket.unpipe().resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resume) => way.close(resume));
      rmSync(folder, { recursive: true });
    },
  };
}

describe("a connection to PostgreSQL that falls silent", () => {
  let server: PostgresServer;
  before(async function () {
    needPostgres(this);
    server = await startPostgres();
  });
  after(() => server?.remove());

  it("is given up after the limit of a query and replaced by another", async () => {
    const folder = new URL(server.url).searchParams.get("host")!;
    const way = await openWay(join(folder, ".s.PGSQL.5432"));
    const connections = createConnections(way.url, "the test's", 2_000);
    const { pool } = connections;
    const first = await pool.connect();
    await first.query("begin", []);
    way.swallow();
    await assert.rejects(first.query("select 1", []), isUnreachable);
    let isRefused = false;
    const second = assert.rejects(first.query("rollback", []), isUnreachable).then(() => (isRefused = true));
    await new Promise((resume) => setImmediate(resume));
    assert.ok(isRefused, "the second was waited for, too");
    await second;
    first.release();
    const other = await pool.connect();
    const { rows } = await other.query<{ one: number }>("select 1 as one", []);
    assert.deepEqual(rows, [{ one: 1 }]);
    other.release();
    await connections.close();
    await way.close();
  });
});
