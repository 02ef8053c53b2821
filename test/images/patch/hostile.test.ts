import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ImageError, inspectIso, patchIso, readKernelArgsChange } from "../../../src/images/index.ts";
import { DEBIAN, FEDORA, RED_HAT } from "./families.ts";
import { makeFolder, makeIso, needIsoMakers, removeWritten } from "./fixture.ts";

const SECTOR = 2048;
const CHANGES = {
  kernelArgs: readKernelArgsChange("a=b"),
  files: [{ path: "/new/file.txt", content: Buffer.from("x") }],
};

describe("a broken or hostile image", () => {
  let folder: string;

  before(function () {
    needIsoMakers(this);
  });
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(removeWritten);

  /** It is patched, or refused with a code: never anything else, and never without end. */
  async function survives(bytes: Buffer): Promise<string> {
    const path = join(folder, "broken.iso");
    writeFileSync(path, bytes);
    try {
      const report = await inspectIso(path);
      const image = { digest: "sha256:x", sizeBytes: bytes.length, path };
      const { disc } = await patchIso(image, report, CHANGES, "disc_1");
      const length = disc.extents.reduce((sum, extent) => sum + extent.length, 0);
      assert.equal(length, disc.sizeBytes);
      return "patched";
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      assert.ok(error.hint !== undefined, error.message);
      return error.code;
    }
  }

  it("is patched or refused, whatever is broken in it", async function () {
    this.timeout(120_000);
    for (const recipe of [RED_HAT, FEDORA, DEBIAN]) {
      const good = readFileSync(await makeIso(recipe));
      // Descriptors, tables, directories and menus lie in the first blocks; so does the FAT's start.
      const place = fc.oneof(
        fc.integer({ min: 0, max: 1024 }),
        fc.integer({ min: 16 * SECTOR, max: Math.min(90 * SECTOR, good.length - 1) }),
      );
      const change = fc.tuple(
        place,
        fc.oneof(fc.constantFrom(0, 1, 0x7f, 0xff), fc.integer({ min: 0, max: 255 })),
      );
      const property = fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 30 }),
        async (changes) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of changes) bytes[at] = value;
          await survives(bytes);
        },
      );
      await fc.assert(property, { numRuns: 60 });
    }
  });

  it("is patched or refused, wherever it was cut", async () => {
    const good = readFileSync(await makeIso(DEBIAN));
    for (let blocks = 16; blocks < 100; blocks += 3) await survives(good.subarray(0, blocks * SECTOR));
  });

  /** The block of a directory of the primary tree, by what its parent says. */
  const rootBlock = (bytes: Buffer): number => bytes.readUInt32LE(16 * SECTOR + 156 + 2);
  const corpus: [string, string, (bytes: Buffer) => void][] = [
    [
      "a root that lies behind the end",
      "iso-damaged",
      (bytes) => bytes.writeUInt32LE(0xfffffff0, 16 * SECTOR + 158),
    ],
    [
      "a root of four gigabytes",
      "iso-damaged",
      (bytes) => bytes.writeUInt32LE(0xfffff800, 16 * SECTOR + 166),
    ],
    ["a root that is its own child", "patched", (bytes) => loopDirectory(bytes, rootBlock(bytes))],
    ["a record that crosses its block", "iso-damaged", (bytes) => (bytes[rootBlock(bytes) * SECTOR] = 255)],
    ["a record that is shorter than any", "iso-damaged", (bytes) => (bytes[rootBlock(bytes) * SECTOR] = 10)],
    [
      "a name that is longer than its record",
      "iso-damaged",
      (bytes) => (bytes[rootBlock(bytes) * SECTOR + 32] = 200),
    ],
    [
      "a path table of four gigabytes",
      "iso-damaged",
      (bytes) => bytes.writeUInt32LE(0xffffff00, 16 * SECTOR + 132),
    ],
    ["a path table that names no parents", "iso-damaged", (bytes) => breakPathTable(bytes)],
  ];
  for (const [what, outcome, breakIt] of corpus)
    it(`is survived: ${what}`, async () => {
      const bytes = readFileSync(await makeIso(RED_HAT));
      breakIt(bytes);
      assert.equal(await survives(bytes), outcome);
    });
});

/** Has the directory EFI be the root again, so that a walk would never end. */
function loopDirectory(bytes: Buffer, root: number): void {
  const at = bytes.indexOf("\x03EFI", root * SECTOR) - 32;
  bytes.writeUInt32LE(root, at + 2);
}

function breakPathTable(bytes: Buffer): void {
  const table = bytes.readUInt32LE(16 * SECTOR + 140) * SECTOR;
  bytes.writeUInt16LE(0x7777, table + 10 + 6);
}
