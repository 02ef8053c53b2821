import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import sinon from "sinon";
import { openDatabase } from "../../src/database/index.ts";
import { createGroupCommit } from "../../src/database/sqlite/group-commit.ts";
import { accepted, begun, claimed, forward, GO_ON, newRecord } from "./fixture.ts";
import { makeFolder } from "./sqlite.ts";

/** @returns what it said; see second-process.ts */
function runSecond(folder: string): Record<string, string> {
  const script = join(import.meta.dirname, "second-process.ts");
  const { stdout, stderr } = spawnSync(process.execPath, [script, folder], { encoding: "utf8" });
  assert.notEqual(stdout, "", stderr);
  return JSON.parse(stdout) as Record<string, string>;
}

describe("SQLite", () => {
  let folder: string;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is refused to a second process, which is told who has it and of PostgreSQL", async () => {
    const database = await openDatabase({ folder });
    const { code, message, hint } = runSecond(folder);
    assert.equal(code, "database-in-use");
    assert.match(message!, new RegExp(`\\b${process.pid}\\b`));
    assert.match(hint!, /TRAYLOAD_DATABASE_URL=postgres:/);
    await database.close();
  });

  it("is free as soon as its process is dead, with all that was promised, and nobody waits for the dead", async () => {
    const { id } = runSecond(folder);
    const database = await openDatabase({ folder });
    assert.equal((await database.records.get(id!))?.id, id);
    const [hint] = await database.records.takeDue(10);
    assert.equal((await claimed(database, hint!)).epoch, 2);
    await database.close();
  });

  it("keeps its files to their owner", async () => {
    const database = await openDatabase({ folder });
    await accepted(database, newRecord());
    for (const file of readdirSync(folder).filter((name) => name.startsWith("trayload.db")))
      assert.equal(statSync(join(folder, file)).mode & 0o077, 0, file);
    await database.close();
  });

  it("waits for the disk at each commit, since a BMC is acted upon on the strength of it", async () => {
    const exec = sinon.spy(DatabaseSync.prototype, "exec");
    const database = await openDatabase({ folder });
    exec.restore();
    const opened = [...new Set(exec.thisValues as DatabaseSync[])];
    const ours = opened.filter((one) => one.location()!.endsWith("trayload.db"));
    const modes = ours.map((one) => one.prepare("PRAGMA synchronous").get()!["synchronous"]);
    const full = 2;
    assert.deepEqual(modes, [full, full]);
    await database.close();
  });

  it("opens again with what it had, and migrates nothing twice", async () => {
    const before = await openDatabase({ folder });
    const claim = await begun(before);
    const step = forward(claim.view, GO_ON);
    await before.records.commit(claim, step);
    await before.close();
    const after = await openDatabase({ folder });
    assert.deepEqual(await after.records.get(claim.id), step.view);
    await after.close();
    await assert.rejects(after.records.accept(newRecord()), /closed/);
  });

  describe("the group commit", () => {
    let database: DatabaseSync;
    let onlooker: DatabaseSync;
    beforeEach(() => {
      database = new DatabaseSync(join(folder, "group.db"));
      database.exec("pragma journal_mode = wal; create table t (x integer primary key)");
      onlooker = new DatabaseSync(join(folder, "group.db"));
    });
    afterEach(() => {
      onlooker.close();
      database.close();
    });
    const add = (x: number) => async () => database.exec(`insert into t values (${x})`);
    const seen = () =>
      onlooker
        .prepare("select x from t order by x")
        .all()
        .map(({ x }) => x);

    it("keeps a promise only when others can see what was done", async () => {
      const groups = createGroupCommit(database, 1);
      let isKept = false;
      const written = groups.run(add(1)).then(() => {
        isKept = true;
      });
      await groups.run(async () => {
        assert.deepEqual(seen(), [], "it was committed by itself");
        assert.equal(isKept, false);
      });
      await written;
      assert.deepEqual(seen(), [1]);
    });

    it("waits for company only behind a group that had some", async () => {
      const clock = sinon.useFakeTimers({ toFake: ["setTimeout"] });
      const groups = createGroupCommit(database, 60_000);
      try {
        await groups.run(add(1));
        await Promise.all([groups.run(add(2)), groups.run(add(3))]);
        let isKept = false;
        const third = groups.run(add(4)).then(() => (isKept = true));
        await new Promise((resume) => setImmediate(() => setImmediate(resume)));
        assert.equal(isKept, false);
        await clock.tickAsync(60_000);
        await third;
        await groups.run(add(5));
      } finally {
        clock.restore();
      }
    });

    it("undoes a job that fails, and no other of its group", async () => {
      const groups = createGroupCommit(database, 1);
      const failing = async () => {
        database.exec("insert into t values (2)");
        throw new Error("as planned");
      };
      const results = await Promise.allSettled([groups.run(add(1)), groups.run(failing), groups.run(add(3))]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ["fulfilled", "rejected", "fulfilled"],
      );
      assert.deepEqual(seen(), [1, 3]);
    });

    it("fails all of a group whose commit fails", async () => {
      database.exec("create table u (x integer references t (x) deferrable initially deferred)");
      database.exec("pragma foreign_keys = on");
      const groups = createGroupCommit(database, 1);
      const orphan = async () => database.exec("insert into u values (99)");
      const results = await Promise.allSettled([groups.run(add(1)), groups.run(orphan)]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ["rejected", "rejected"],
      );
      assert.deepEqual(seen(), []);
      await groups.run(add(2));
      assert.deepEqual(seen(), [2]);
    });

    it("ends what was given before it closes, and takes nothing more", async () => {
      const groups = createGroupCommit(database, 1);
      const written = groups.run(add(1));
      const closing = groups.close();
      await assert.rejects(groups.run(add(2)), /closed/);
      await closing;
      await written;
      assert.deepEqual(seen(), [1]);
    });
  });
});
