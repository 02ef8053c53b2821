import assert from "node:assert/strict";
import { mkdtempSync, rmSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApi, stopAll } from "../api/fixture.ts";
import { run } from "./fixture.ts";

describe("trayload doctor", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trayload-doctor-"));
  });
  afterEach(async () => {
    await stopAll();
    rmSync(folder, { recursive: true });
  });

  const look = (api: Awaited<ReturnType<typeof startApi>>) =>
    run(api, ["doctor", "--json"], { env: { TRAYLOAD_DATA_DIR: folder } });
  const found = (json: { items: { check: string; outcome: string }[] }, check: string) =>
    json.items.filter((one) => one.check === check).map(({ outcome }) => outcome);

  it("says of each thing that it is well", async () => {
    const api = await startApi({
      version: "0.1.0",
      images: { list: async () => ({ images: [], underWay: [], usedBytes: 0, capBytes: 1 }) } as never,
      readyChecks: [{ name: "database", isReady: async () => true }],
      upkeep: async () => ({
        keys: [{ id: "k1", does: ["seals", "derives"], sealed: 3 }],
        open: 2,
        kept: [],
      }),
    });
    const { status, json } = await look(api);
    assert.equal(status, 0);
    for (const check of ["server", "database", "keys", "kept", "open", "images", "nodes", "files"])
      assert.deepEqual(found(json, check), ["pass"], check);
  });

  it("warns of what is to be looked at, and fails where something is broken", async () => {
    chmodSync(folder, 0o755);
    const api = await startApi({
      images: { list: async () => ({ images: [], underWay: [], usedBytes: 0, capBytes: 1 }) } as never,
      readyChecks: [{ name: "queue", isReady: async () => false }],
      upkeep: async () => ({
        keys: [
          { id: "k2", does: ["seals"], sealed: 3 },
          { id: "k1", does: ["opens", "derives"], sealed: 4 },
        ],
        open: 0,
        kept: [],
      }),
    });
    const bmc = { address: "http://10.0.7.21", username: "root", password: "p" };
    await api.call("POST", "/v1/nodes", { name: "n1", bmc });
    const { status, json } = await look(api);
    assert.equal(status, 1);
    assert.deepEqual(found(json, "server"), ["warn"]);
    assert.deepEqual(found(json, "queue"), ["fail"]);
    assert.deepEqual(found(json, "keys"), ["warn"]);
    assert.deepEqual(found(json, "nodes"), ["pass", "warn"]);
    assert.deepEqual(found(json, "files"), ["fail"]);
  });
});
