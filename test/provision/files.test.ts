import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { filePath, hashOf } from "../../src/deploy/index.ts";
import { fileOfBytes } from "../../src/images/index.ts";
import { openSite, type Site } from "./fixture.ts";
import { until } from "../until.ts";

const SECRET = "0123456789abcdefghijAB";
const BYTES = Buffer.alloc(3 * 65_536 + 7, "disk");
const FILE = fileOfBytes(BYTES, "img_1");

describe("a file for the agent", () => {
  let site: Site;
  let recordId: string;
  const path = filePath(SECRET);

  beforeEach(async () => {
    site = await openSite();
    recordId = (await site.submit()).id;
    await site.parts.exposures.publish({ kind: "file", secretHash: hashOf(SECRET), recordId, disc: FILE });
  });
  afterEach(() => site.close());

  it("is given whole, by ranges and by its size alone", async () => {
    const whole = await site.ask(path);
    assert.equal(whole.status, 200);
    assert.ok(whole.body.equals(BYTES));
    const part = await site.readDisc(path, 65_530, 16);
    assert.equal(part.status, 206);
    assert.ok(part.body.equals(BYTES.subarray(65_530, 65_546)));
    const { headers } = await site.ask(path, { method: "HEAD" });
    assert.equal(headers["content-length"], `${BYTES.length}`);
    assert.equal(headers.etag, `"sha256-${createHash("sha256").update(BYTES).digest("hex")}"`);
  });

  it("is counted as it goes out, by our own address too, where an agent may be", async () => {
    await site.readDisc(path, 0, 100_000);
    await until(async () => (await site.parts.readCounts.load("img_1"))?.totalBytes === 100_000);
    const reads = (await site.parts.readCounts.load("img_1"))!;

    assert.equal(reads.blocksCovered, 2);
    assert.equal(reads.blocks, 4);
    assert.deepEqual(reads.readers, ["127.0.0.1"]);
  });

  it("is gone when its time is over, and under every other path", async () => {
    for (const other of [`${path}x`, `/${SECRET}/boot.iso`, `/c/${SECRET}`, `/${SECRET}`])
      assert.equal((await site.ask(other)).status, 404, other);
    assert.equal((await site.ask(path)).status, 200);
    await site.parts.exposures.expire(recordId, "file", null);
    const soon = await site.open({ limits: { knownMs: 0 } });
    assert.equal((await site.ask(path, { of: soon })).status, 404);
  });
});
