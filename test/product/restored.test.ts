import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../cli/fixture.ts";
import { type Product, startProduct } from "./fixture.ts";

const SECRET = "callback-secret-that-the-iso-knows-0001";

describe("a database that was restored from a backup", () => {
  let product: Product;
  let folder: string;
  let id: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "trayload-backup-"));
    product = await startProduct();
    await product.addNode();
  });
  afterEach(async () => {
    await product.stop();
    rmSync(folder, { recursive: true });
  });

  const type = (...words: string[]) => run(undefined, words, { env: { TRAYLOAD_DATA_DIR: product.folder } });

  /** A deployment that waits for its installer when the backup is made, and has long succeeded since. */
  async function deployOverBackup(backUp: () => Promise<void>): Promise<void> {
    const { body } = await product.submit({ callbackSecret: SECRET });
    id = body.id;
    while ((await product.call("GET", `/v1/deployments/${id}`)).body.step !== "wait-for-finish")
      await pause(20);
    await backUp();
    await fetch(`${product.trayload.provisionUrl}/c/${SECRET}`, { method: "POST" });
    assert.equal((await product.end(id)).state, "succeeded");
    product.bmc.forgetLogs();
  }

  async function assertInterrupted(why: RegExp): Promise<void> {
    const { state, clean, error } = await product.end(id);
    assert.deepEqual([state, clean, error.code], ["failed", false, "restored-from-backup"]);
    assert.match(error.message, why);
    await pause(300);
    assert.deepEqual(product.bmc.actions, [], "a machine was touched");
    assert.equal(product.bmc.power, "On");
    const { body: retried } = await product.call("POST", `/v1/deployments/${id}/retry`, {});
    assert.match(retried.id, /^dep_/);
  }

  it("ends what was under way and leaves the machines alone, by `backup` and `restore`", async () => {
    await deployOverBackup(async () => {
      const said = await type("backup", folder);
      assert.equal(said.status, 0, said.err);
      assert.match(said.out, /master-key/);
    });
    await product.restartAfter(async () => {
      const said = await type("restore", folder);
      assert.equal(said.status, 0, said.err);
      assert.match(said.out, /trayload\.db\.before-restore/);
    });
    await assertInterrupted(/it is a backup of 20/);
  });

  it("is known as such when its file was only put back", async () => {
    await deployOverBackup(async () => {
      await type("backup", folder);
    });
    const live = join(product.folder, "trayload.db");
    const memory = join(product.folder, "database-life.json");
    const { pulse, ...life } = JSON.parse(readFileSync(memory, "utf8")) as { id: string; pulse: number };
    await product.restartAfter(async () => {
      const { DatabaseSync } = await import("node:sqlite");
      const copy = new DatabaseSync(join(folder, "trayload.db"));
      // As a copy would be that was made by other means.
      copy.exec("delete from settings where name = 'copied-at'");
      copy.close();
      // A minute later.
      writeFileSync(memory, JSON.stringify({ ...life, pulse: pulse + 1 }));
      copyFileSync(join(folder, "trayload.db"), live);
    });
    await assertInterrupted(/older than what this data directory has seen/);
  });

  it("goes on with what was under way where that was asked for, and where nothing was restored", async () => {
    const { body } = await product.submit({ callbackSecret: SECRET });
    await product.restart();
    await pause(100);
    assert.equal((await product.call("GET", `/v1/deployments/${body.id}`)).body.final, false);
  });

  it("is not restored under a server that runs, nor from a folder without one", async () => {
    const none = await type("restore", folder);
    assert.deepEqual(
      [none.status, /there is no .*trayload\.db \(database-not-there\)/.test(none.err)],
      [1, true],
    );
    await type("backup", folder, "--with-key");
    const refused = await type("restore", folder);
    assert.match(refused.err, /\(database-in-use\)/);
  });
});

const pause = (ms: number) => new Promise<void>((resume) => setTimeout(resume, ms));
