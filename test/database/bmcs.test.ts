import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../src/database/index.ts";
import { openSqlite } from "../../src/database/sqlite/open.ts";
import { createSecretBox } from "../../src/nodes/index.ts";
import { bmcSharingContract } from "./bmc-sharing.contract.ts";
import { leaseContract } from "./lease.contract.ts";
import { makeFolder, openTemporary } from "./sqlite.ts";

describe("what processes share about BMCs, on SQLite", () => {
  bmcSharingContract(async () => {
    const database = await openTemporary();
    return [database, { ...database, close: async () => {} }];
  });

  it("keeps a session over a restart, unreadable in the files", async () => {
    const folder = makeFolder();
    const box = createSecretBox([{ id: "k1", bytes: Buffer.alloc(32, 1) }]);
    const session = { token: "canary-token", resource: "/canary-path", generation: 1, madeWith: "s:d" };
    const before = await openDatabase({ folder });
    await before.sessions(box).put("https://10.0.7.21 root", session);
    for (const file of ["trayload.db", "trayload.db-wal"]) {
      const bytes = readFileSync(join(folder, file), "latin1");
      assert.doesNotMatch(bytes, /canary-(token|path)/, file);
      if (file.endsWith("wal")) assert.match(bytes, /10\.0\.7\.21 root/, "the row is not where it is sought");
    }
    await before.close();
    const after = await openDatabase({ folder });
    assert.deepEqual(await after.sessions(box).get("https://10.0.7.21 root"), session);
    await after.close();
    rmSync(folder, { recursive: true });
  });
});

describe("the lease of a BMC, on SQLite", () => {
  leaseContract(async () => {
    const folder = makeFolder();
    const sql = await openSqlite({ folder, clock: Date.now });
    const close = async () => {
      await sql.close();
      rmSync(folder, { recursive: true });
    };
    return [
      { ...sql, close },
      { ...sql, close: async () => {} },
    ];
  });

  it("is not waited for when its holder died with the process", async () => {
    const folder = makeFolder();
    const before = await openDatabase({ folder });
    await new Promise<void>((held) => {
      void before.lease.hold("bmc", () => {
        held();
        return new Promise(() => {});
      });
    });
    await before.close();
    const after = await openDatabase({ folder });
    assert.equal(await after.lease.hold("bmc", async () => "held"), "held");
    await after.close();
    rmSync(folder, { recursive: true });
  });
});
