import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canaryDisc, type Extent, inspectIso } from "../../src/images/index.ts";
import { needProgram } from "../need-program.ts";

const bytesOf = (extent: Extent): Buffer =>
  extent.kind === "bytes" ? Buffer.from(extent.base64, "base64") : Buffer.alloc(extent.length);

describe("the canary disc", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "canary-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is one MiB with a volume that ISO readers open, and boots nothing", async function () {
    const disc = canaryDisc("disc_1");
    const file = join(folder, "canary.iso");
    const whole = Buffer.concat(disc.extents.map(bytesOf));
    writeFileSync(file, whole);
    assert.deepEqual([disc.sizeBytes, whole.length], [2 ** 20, 2 ** 20]);
    await assert.rejects(inspectIso(file), { code: "image-not-bootable" });
    needProgram(this, "isoinfo", "genisoimage");
    const read = (how: string) => spawnSync("isoinfo", [how, "-i", file], { encoding: "utf8" });
    assert.match(read("-d").stdout, /Volume id: TRAYLOAD_CANARY/);
    assert.match(read("-l").stdout, /Directory listing of \//);
  });
});
