import assert from "node:assert/strict";
import fc from "fast-check";
import type { Disc } from "../../src/images/index.ts";
import { createReadLog, type ReadLog } from "../../src/images/read-log.ts";

const SECTOR = 2048;
const MIB = 1024 * 1024;
const DISC: Disc = {
  id: "disc_1",
  sizeBytes: 100 * MIB,
  extents: [],
  etag: "tag",
  boot: {
    catalogue: { start: 30 * SECTOR, end: 31 * SECTOR },
    images: [{ platform: "efi", start: 1000 * SECTOR, end: 3000 * SECTOR }],
  },
};
const SECTORS = DISC.sizeBytes / SECTOR;

/** Lets a reader read: by sectors, at a time in seconds. */
function reader(log: ReadLog): (sector: number, count: number, atS: number) => string[] {
  return (sector, count, atS) => {
    const start = sector * SECTOR;
    const end = Math.min((sector + count) * SECTOR, DISC.sizeBytes);
    return log.add({ start, end, requestStart: start }, "10.0.0.7", atS * 1000);
  };
}

describe("a log of reads", () => {
  it("tells a boot by its order: descriptors and catalogue, the boot image, then more", () => {
    const log = createReadLog(DISC, undefined);
    const read = reader(log);
    assert.deepEqual(read(16, 1, 100), ["first-byte"]);
    assert.deepEqual(read(30, 1, 100.1), []);
    assert.deepEqual(read(1000, 128, 100.2), ["boot-image"]);
    assert.deepEqual(read(1128, 128, 100.3), []);
    assert.deepEqual(read(20_000, 128, 101), ["beyond-boot-image"]);
    const { bootReads, catalogueReadAt, bootImageReadAt, beyondReadAt } = log.row();
    assert.deepEqual(bootReads, [
      {
        catalogueAt: "1970-01-01T00:01:40.000Z",
        imageAt: "1970-01-01T00:01:40.200Z",
        silentBeforeMs: 0,
        order: [16, 30, 1000],
      },
    ]);
    assert.equal(catalogueReadAt, "1970-01-01T00:01:40.100Z");
    assert.equal(bootImageReadAt, "1970-01-01T00:01:40.300Z");
    assert.equal(beyondReadAt, "1970-01-01T00:01:41.000Z");
  });

  it("takes nothing for the system's that firmware does on every disc", () => {
    const log = createReadLog(DISC, undefined);
    const read = reader(log);
    read(16, 1, 1);
    read(1000, 1, 1);
    for (const probe of [0, 1, 17, 256, 512, SECTORS - 257, SECTORS - 256, SECTORS - 1, SECTORS - 9])
      assert.deepEqual(read(probe, 1, 1.5), [], `sector ${probe}`);
    assert.equal(log.row().beyondReadAt, null);
  });

  it("does not take a read-ahead behind a descriptor for a wish", () => {
    const log = createReadLog(DISC, undefined);
    log.add({ start: 16 * SECTOR, end: 80 * SECTOR, requestStart: 16 * SECTOR }, "a", 1000);
    log.add({ start: 80 * SECTOR, end: 144 * SECTOR, requestStart: 16 * SECTOR }, "a", 1000);
    assert.equal(log.row().beyondReadAt, null);
    log.add({ start: 300 * SECTOR, end: 310 * SECTOR, requestStart: 16 * SECTOR }, "a", 1000);
    assert.notEqual(log.row().beyondReadAt, null, "nobody reads ahead as far as that");
  });

  it("takes any byte of a disc that comes whole with one read", () => {
    const disc = {
      ...DISC,
      sizeBytes: 50 * SECTOR,
      boot: { ...DISC.boot, images: [{ platform: "bios" as const, start: 31 * SECTOR, end: 32 * SECTOR }] },
    };
    const log = createReadLog(disc, undefined);
    log.add({ start: 0, end: 20 * SECTOR, requestStart: 0 }, "a", 1000);
    log.add({ start: 30 * SECTOR, end: 32 * SECTOR, requestStart: 30 * SECTOR }, "a", 1000);
    assert.equal(log.row().beyondReadAt, null);
    log.add({ start: 0, end: 50 * SECTOR, requestStart: 0 }, "a", 1000);
    assert.notEqual(log.row().beyondReadAt, null);
  });

  it("counts a second boot only after the catalogue was left alone, and says how long nothing was read", () => {
    const log = createReadLog(DISC, undefined);
    const read = reader(log);
    read(30, 1, 10);
    read(1000, 1, 10);
    assert.deepEqual(read(30, 1, 11), [], "firmware looks twice");
    assert.deepEqual(read(1000, 1, 11), []);
    read(20_000, 1, 15);
    read(30, 1, 75);
    assert.deepEqual(read(1000, 1, 75), ["boot-image", "boot-again"]);
    assert.deepEqual(read(20_000, 1, 76), ["beyond-boot-image"]);
    assert.deepEqual(
      log.row().bootReads.map((boot) => boot.silentBeforeMs),
      [0, 60_000],
    );
  });

  describe("knows a boot like the first from", () => {
    const isAgain = (read: ReturnType<typeof reader>, sectors: number[], atS: number, count = 64) =>
      sectors.flatMap((sector) => read(sector, count, atS)).includes("boot-again");
    const begun = () => {
      const read = reader(createReadLog(DISC, undefined));
      for (const sector of [17, 16, 30, 16, 1000, 1064, 20_000]) read(sector, 64, 10);
      return read;
    };

    it("one, which begins with the boot record as SeaBIOS does", () => {
      const log = createReadLog(DISC, undefined);
      const read = reader(log);
      for (const sector of [17, 16, 30, 16, 1000, 20_000]) read(sector, 1, 10);
      assert.ok(isAgain(read, [17, 16, 30, 16, 1000], 100, 1));
      assert.equal(log.row().bootReads[1]!.silentBeforeMs, 90_000);
    });
    it("a look at the first sectors and a mount", () => {
      const read = begun();
      assert.ok(!isAgain(read, [0, 64], 100));
      assert.ok(!isAgain(read, [16, 18, 24, 19_000, 1000], 200));
    });
    it("a scan of one sector after the other, boot image and all", () => {
      const scan = Array.from({ length: 1100 }, (_, sector) => sector);
      assert.ok(!isAgain(begun(), scan, 100));
    });
    it("a boot by other firmware", () => {
      assert.ok(!isAgain(begun(), [0, 16, 30, 1000], 100));
    });
    it("a circle of boots, of which the first is not forgotten", () => {
      const read = begun();
      const again = Array.from({ length: 40 }, (_, n) =>
        isAgain(read, [17, 16, 30, 16, 1000], 100 * (n + 1)),
      );
      assert.ok(again.every(Boolean));
    });
  });

  it("tells each tenth of the disc once", () => {
    const log = createReadLog(DISC, undefined);
    const read = reader(log);
    const tenths = [];
    for (let sector = 0; sector < SECTORS; sector += 512)
      if (read(sector, 512, 1).includes("tenth")) tenths.push(log.percent());
    assert.deepEqual(tenths, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    const { blocks, blocksCovered, totalBytes, coverage } = log.row();
    assert.equal(blocksCovered, blocks);
    assert.equal(totalBytes, DISC.sizeBytes);
    assert.equal(coverage, `0-${blocks - 1}`);
  });

  it("does not fill the record while a machine boots in circles", () => {
    const log = createReadLog(DISC, undefined);
    const read = reader(log);
    let told = 0;
    for (let boot = 0; boot < 100; boot += 1) {
      read(30, 1, boot * 5);
      told += read(1000, 1, boot * 5).length;
    }
    assert.ok(told <= 16 * 2 + 20, `${told} milestones`);
    assert.equal(log.row().bootReads.length, 16);
  });

  it("measures the rate over the last ten seconds", () => {
    const log = createReadLog(DISC, undefined);
    const read = reader(log);
    for (let second = 0; second < 30; second += 1) read(20_000, 512, 100 + second);
    assert.equal(log.row().bytesPerSecond, MIB);
  });

  it("continues what was counted before without telling it again", () => {
    const first = createReadLog(DISC, undefined);
    const before = reader(first);
    before(30, 1, 10);
    before(1000, 1, 10);
    before(20_000, 6000, 11);
    const second = createReadLog(DISC, first.row());
    const after = reader(second);
    assert.deepEqual(after(20_000, 128, 12), []);
    assert.equal(second.percent(), first.percent());
    assert.equal(second.row().totalBytes, 128 * SECTOR, "each row holds its own bytes");
    after(30, 1, 100);
    assert.deepEqual(after(1000, 1, 100), ["boot-image", "boot-again"]);
  });

  it("covers exactly the blocks that were touched", () => {
    const range = fc.tuple(fc.nat(DISC.sizeBytes - 1), fc.integer({ min: 1, max: 5 * MIB }));
    const property = fc.property(fc.array(range, { maxLength: 20 }), (ranges) => {
      const log = createReadLog(DISC, undefined);
      const blocks = new Set<number>();
      for (const [start, length] of ranges) {
        const end = Math.min(start + length, DISC.sizeBytes);
        log.add({ start, end, requestStart: start }, "a", 0);
        for (let block = Math.floor(start / 65_536); block * 65_536 < end; block += 1) blocks.add(block);
      }
      assert.equal(log.row().blocksCovered, blocks.size);
      const kept = createReadLog(DISC, log.row());
      assert.equal(kept.row().blocksCovered, blocks.size);
    });
    fc.assert(property, { numRuns: 50 });
  });
});
