import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApi, stopAll } from "../api/fixture.ts";
import { run } from "./fixture.ts";

describe("settings and parts on the command line", () => {
  afterEach(stopAll);

  it("set the agent's default images from a file, and show them", async () => {
    const api = await startApi();
    assert.match((await run(api, ["agent-images", "show"])).out, /none are set/);
    const input =
      "x86_64:\n  kernel: { url: https://i.example/k }\n  ramdisk: { url: https://i.example/r }\n";
    const set = await run(api, ["agent-images", "set", "-"], { input });
    assert.equal(set.status, 0, set.err);
    assert.match(
      (await run(api, ["agent-images", "show"])).out,
      /^x86_64 +ramdisk +https:\/\/i\.example\/r +-$/m,
    );
  });

  it("send a file ahead as it is", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trayload-blob-"));
    const file = join(folder, "drivers.tar");
    writeFileSync(file, Buffer.from([0, 255, 10]));
    let sent: Buffer | undefined;
    const add = async (bytes: Buffer) => {
      sent = bytes;
      return {
        id: "blob_01JD5M6Q0W8Z9V7X6C5B4N3M2A",
        digest: `sha256:${"0".repeat(64)}`,
        sizeBytes: 3,
        expiresAt: "2026-11-22T00:00:00.000Z",
      };
    };
    const api = await startApi({ blobs: { add } as never });
    const { out, status } = await run(api, ["blob", "add", file]);
    assert.equal(status, 0);
    assert.match(out, /^blob_01JD5M6Q0W8Z9V7X6C5B4N3M2A /);
    assert.deepEqual(sent, Buffer.from([0, 255, 10]));
    assert.equal((await run(api, ["blob", "add", join(folder, "none")])).status, 2);
    rmSync(folder, { recursive: true });
  });

  it("show what waits and who works", async () => {
    const { out, status, err } = await run(await startApi(), ["queue"]);
    assert.equal(status, 0, err);
    assert.match(out, /^parked +\d+$/m);
  });
});
