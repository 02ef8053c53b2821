import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { ImageError, inspectIso } from "../../src/images/index.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";

const SECTOR = 2048;
let folder: string;
let made = 0;

/** Sector of the catalogue in a tiny ISO, as its boot record says. */
function catalogueOf(iso: Buffer): number {
  return iso.readUInt32LE(17 * SECTOR + 0x47) * SECTOR;
}

/** A catalogue with a BIOS default entry and an EFI section of one entry. */
function writeCatalogue(
  iso: Buffer,
  entries: { bios: [sector: number, count: number]; efi: [number, number] },
): void {
  const at = catalogueOf(iso);
  iso.fill(0, at, at + SECTOR);
  iso[at] = 1;
  iso[at + 30] = 0x55;
  iso[at + 31] = 0xaa;
  iso.writeUInt16LE((0x10000 - ((1 + 0xaa55) & 0xffff)) & 0xffff, at + 28);
  const write = (offset: number, [sector, count]: [number, number]): void => {
    iso[offset] = 0x88;
    iso.writeUInt16LE(count, offset + 6);
    iso.writeUInt32LE(sector, offset + 8);
  };
  write(at + 32, entries.bios);
  iso[at + 64] = 0x91;
  iso[at + 65] = 0xef;
  iso.writeUInt16LE(1, at + 66);
  write(at + 96, entries.efi);
}

async function inspectBytes(bytes: Uint8Array): Promise<Awaited<ReturnType<typeof inspectIso>>> {
  const path = join(folder, `${(made += 1)}.iso`);
  await writeFile(path, bytes);
  return inspectIso(path);
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const error = await inspectBytes(bytes).then(
    () => assert.fail("was taken for a bootable ISO"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ImageError, String(error));
  assert.equal(error.code, "image-not-bootable");
  assert.equal(error.retryable, false);
  return error.message;
}

describe("an ISO image", () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "trayload-iso-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("is known by its label, its catalogue and its boot images", async () => {
    const iso = makeTinyIso({ label: "TRAYLOAD" });
    const report = await inspectBytes(iso);
    assert.equal(report.volumeLabel, "TRAYLOAD");
    assert.equal(report.sizeBytes, iso.length);
    assert.equal(report.catalogue.start, catalogueOf(iso));
    assert.ok(report.images.length > 0);
    for (const image of report.images) assert.ok(image.start < image.end && image.end <= iso.length);
  });

  it("names the entries for BIOS and for EFI apart", async () => {
    const iso = makeTinyIso({ sizeBytes: 512 * 1024 });
    writeCatalogue(iso, { bios: [40, 4], efi: [44, 8] });
    const { images } = await inspectBytes(iso);
    assert.deepEqual(images, [
      { platform: "bios", start: 40 * SECTOR, end: 41 * SECTOR },
      { platform: "efi", start: 44 * SECTOR, end: 46 * SECTOR },
    ]);
  });

  it("has an EFI image as large as its FAT says where the entry cannot say it", async () => {
    const iso = makeTinyIso({ sizeBytes: 512 * 1024 });
    writeCatalogue(iso, { bios: [40, 4], efi: [64, 1] });
    const fat = 64 * SECTOR;
    iso.fill(0, fat, fat + 512);
    iso.writeUInt16LE(512, fat + 11);
    iso.writeUInt32LE(100, fat + 32);
    iso.writeUInt16LE(0xaa55, fat + 510);
    const { images } = await inspectBytes(iso);
    assert.deepEqual(images[1], { platform: "efi", start: fat, end: fat + 100 * 512 });
  });

  it("is believed only as far as the file goes", async () => {
    const iso = makeTinyIso({ sizeBytes: 512 * 1024 });
    writeCatalogue(iso, { bios: [255, 200], efi: [4_000_000, 8] });
    const { images } = await inspectBytes(iso);
    assert.deepEqual(images, [{ platform: "bios", start: 255 * SECTOR, end: 512 * 1024 }]);
  });

  it("cannot boot when its catalogue's checksum is wrong", async () => {
    const iso = makeTinyIso();
    const at = catalogueOf(iso);
    iso[at + 4] = (iso[at + 4]! + 1) & 0xff;
    assert.match(await refusal(iso), /catalogue is damaged/);
  });

  it("cannot boot when it was cut before its catalogue", async () => {
    const iso = makeTinyIso();
    assert.match(await refusal(iso.subarray(0, catalogueOf(iso))), /cut short/);
  });

  it("cannot boot without a boot record", async () => {
    const iso = makeTinyIso();
    iso.fill(0, 17 * SECTOR + 7, 17 * SECTOR + 39);
    assert.match(await refusal(iso), /no boot record/);
  });

  it("is whole to the end of its volume, but for what is written behind all files", async () => {
    const iso = makeTinyIso({ sizeBytes: 4_000_000 });
    const blocks = Math.floor(iso.length / SECTOR);
    iso.writeUInt32LE(blocks, 16 * SECTOR + 80);
    iso.writeUInt32BE(blocks, 16 * SECTOR + 84);
    await inspectBytes(iso);
    await inspectBytes(iso.subarray(0, -150 * SECTOR));
    assert.match(await refusal(iso.subarray(0, 2_000_000)), /ends at 2000000 of \d+ bytes: it was cut short/);
    // What does not agree with itself says nothing.
    iso.writeUInt32BE(7, 16 * SECTOR + 84);
    await inspectBytes(iso.subarray(0, 2_000_000));
  });

  it("cannot boot when no entry is marked bootable", async () => {
    const iso = makeTinyIso();
    const at = catalogueOf(iso);
    iso.fill(0, at + 32, at + SECTOR);
    assert.match(await refusal(iso), /no entry that is marked bootable/);
  });

  it("keeps what would run in a terminal out of its label", async () => {
    const iso = makeTinyIso();
    iso.write("\x1b[2JA\x07", 16 * SECTOR + 40, "latin1");
    assert.match((await inspectBytes(iso)).volumeLabel, /^[\x20-\x7e]*$/);
  });

  it("never leads past the file or to another error, whatever is broken in it", () => {
    const iso = makeTinyIso();
    const change = fc.tuple(
      fc.integer({ min: 15 * SECTOR, max: iso.length - 1 }),
      fc.integer({ min: 0, max: 255 }),
    );
    const property = fc.asyncProperty(
      fc.array(change, { maxLength: 40 }),
      fc.nat(iso.length),
      async (changes, cut) => {
        const bytes = Buffer.from(iso);
        for (const [offset, byte] of changes) bytes[offset] = byte;
        const kept = cut % 3 === 0 ? bytes.subarray(0, cut) : bytes;
        try {
          const { images, catalogue } = await inspectBytes(kept);
          for (const { start, end } of [...images, catalogue])
            assert.ok(start >= 0 && start < end && end <= kept.length);
        } catch (error) {
          if (!(error instanceof ImageError)) throw error;
        }
      },
    );
    return fc.assert(property, { numRuns: 150 });
  });
});

describe("what is not an ISO image", () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "trayload-iso-"));
  });
  after(() => rm(folder, { recursive: true }));

  const disk = Buffer.alloc(8192);
  disk.writeUInt16LE(0xaa55, 510);
  const gpt = Buffer.from(disk);
  gpt.write("EFI PART", 512);
  const cases: [string, Uint8Array, RegExp][] = [
    ["an empty file", new Uint8Array(), /but an empty file/],
    ["a web page", Buffer.from("\n<!DOCTYPE HTML><title>Log in</title>"), /but a web page/],
    ["a gzip file", gzipSync("x"), /but a gzip file/],
    ["an xz file", Buffer.from("fd377a585a0000", "hex"), /but an xz file/],
    ["a zstd file", Buffer.from("28b52ffd00", "hex"), /but a zstd file/],
    ["a qcow2 image", Buffer.from("514649fb00000003", "hex"), /but a qcow2 disk image/],
    ["a disk with an MBR", disk, /but a raw disk image with an MBR/],
    ["a disk with a GPT", gpt, /but a raw disk image with a GPT/],
    ["zeros", Buffer.alloc(100_000), /nothing but zeros/],
    ["text", Buffer.from("not found"), /but text/],
  ];
  for (const [name, bytes, said] of cases)
    it(`is named: ${name}`, async () => assert.match(await refusal(bytes), said));

  it("is a file that is not there", async () => {
    await assert.rejects(inspectIso(join(folder, "absent")), { code: "image-not-bootable" });
  });
});
