import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../src/database/index.ts";
import { settleRestored } from "../../src/start/restored.ts";
import { accepted, begun, newRecord } from "../database/fixture.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";

describe("a PostgreSQL that was restored from a dump", () => {
  let server: PostgresServer;
  let folder: string;
  let stops: (() => unknown)[];
  before(async function () {
    needPostgres(this);
    server = await startPostgres();
  });
  after(() => server?.remove());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trayload-dump-"));
    stops = [];
  });
  afterEach(async () => {
    for (const stop of stops.toReversed()) await stop();
    rmSync(folder, { recursive: true });
  });

  const log = { warn: () => undefined };

  /** Opens it as a process with this data directory does. */
  async function open(url: string, dataDir: string, afterRestore: "interrupt" | "resume"): Promise<Database> {
    const database = await openDatabase({ url });
    stops.push(() => database.close());
    const settings = { dataDir, databaseUrl: url, afterRestore };
    await settleRestored(settings, database, log, { add: (_, stop) => void stops.push(stop) });
    return database;
  }

  /** With a deployment that is under way, dumped as docs/operations.md says. */
  async function dumpInto(name: string): Promise<{ url: string; id: string }> {
    const source = await server.createDatabase(`${name}_source`);
    const { id } = await begun(await open(source, folder, "interrupt"));
    const file = join(folder, "trayload.dump");
    execFileSync("pg_dump", ["--format=custom", `--file=${file}`, source]);
    const url = await server.createDatabase(name);
    execFileSync("pg_restore", [`--dbname=${url}`, file]);
    return { url, id };
  }

  it("ends what was under way, once, whichever process comes first, and takes new work", async () => {
    const { url, id } = await dumpInto("ended");
    const first = await open(url, join(folder), "interrupt");
    const { state, error } = (await first.records.get(id))!;
    assert.deepEqual([state, error?.code], ["failed", "restored-from-backup"]);
    assert.match(error!.message, /another database than the one that it was used in/);
    const { id: later } = await accepted(first, newRecord());
    const another = mkdtempSync(join(folder, "another-"));
    const second = await open(url, another, "interrupt");
    assert.equal((await second.records.get(later))?.state, "queued");
    const events = await second.records.eventsSince(0, 100);
    assert.equal(events.at(-1)?.id, later, "its events do not come last");
  });

  it("goes on where it was said that it was only moved", async () => {
    const { url, id } = await dumpInto("moved");
    const moved = await open(url, folder, "resume");
    assert.equal((await moved.records.get(id))?.state, "queued");
    assert.equal((await moved.lineage.read()).copied, null);
  });
});
