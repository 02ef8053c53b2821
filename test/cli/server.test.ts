import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findServer } from "../../src/cli/server.ts";

const TOKEN = "tl_0123456789abcdefghijklmnopqrstuv";

describe("the server that a command speaks to", () => {
  let dataDir: string;
  before(() => {
    dataDir = mkdtempSync(join(tmpdir(), "cli-"));
    writeFileSync(join(dataDir, "admin-token"), `${TOKEN}\n`);
  });
  after(() => rmSync(dataDir, { recursive: true }));

  it("is this machine's own, with its admin token, unless told", async () => {
    assert.deepEqual(await findServer(undefined, { TRAYLOAD_DATA_DIR: dataDir }), {
      url: "http://127.0.0.1:8080",
      token: TOKEN,
      tokenHint: `The token came from ${join(dataDir, "admin-token")}.`,
    });
  });

  it("listens where this machine's settings say", async () => {
    const env = { TRAYLOAD_DATA_DIR: dataDir, TRAYLOAD_API_INSECURE: "true" };
    const urlOf = async (listen: string) =>
      (await findServer(undefined, { ...env, TRAYLOAD_API_LISTEN: listen })).url;
    assert.equal(await urlOf(":9000"), "http://127.0.0.1:9000");
    assert.equal(await urlOf("[::1]:9000"), "http://[::1]:9000");
  });

  it("is the one that --url names, before the one of TRAYLOAD_URL", async () => {
    const env = { TRAYLOAD_URL: "https://a.example/", TRAYLOAD_TOKEN: "t" };
    assert.equal((await findServer(undefined, env)).url, "https://a.example");
    assert.equal((await findServer("https://b.example/trayload/", env)).url, "https://b.example/trayload");
  });

  it("never gets this machine's admin token when it is elsewhere", async () => {
    const env = { TRAYLOAD_DATA_DIR: dataDir, TRAYLOAD_ADMIN_TOKEN: TOKEN };
    for (const url of ["https://a.example", "http://127.0.0.1.a.example", "http://10.0.0.1"]) {
      await assert.rejects(findServer(url, env), { code: "usage", exit: 2, message: /another machine/ });
    }
    for (const url of ["http://localhost:1", "http://127.9.9.9", "http://[::1]:1"]) {
      assert.equal((await findServer(url, env)).token, TOKEN);
    }
  });

  it("is asked without a token where none is found, and says where it was sought", async () => {
    const found = await findServer(undefined, { TRAYLOAD_DATA_DIR: join(dataDir, "nowhere") });
    assert.equal(found.token, undefined);
    assert.match(found.tokenHint, /Set TRAYLOAD_TOKEN; .*ENOENT for .*nowhere.admin-token/);
  });

  it("cannot be what is no URL, nor hold a password", async () => {
    for (const url of ["nonsense", "ftp://a.example", "http://u:p@a.example", "http://a.example/?x=1"]) {
      await assert.rejects(findServer(url, { TRAYLOAD_TOKEN: "t" }), { code: "usage" });
    }
    await assert.rejects(findServer(undefined, { TRAYLOAD_TOKEN: "two words" }), { code: "usage" });
    await assert.rejects(findServer(undefined, { TRAYLOAD_WORKERS: "many" }), /TRAYLOAD_WORKERS/);
  });
});
