import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { admitDiskImage, ImageError, PERMITTED_FORMATS } from "../../../src/images/index.ts";
import { identify } from "../../../src/images/inspect/inspect.ts";
import { makeDisk, makeQcow2 } from "../../media/disks.ts";
import { makeTinyIso } from "../../media/tiny-iso.ts";
import { useFiles } from "./files.ts";
import { makeKernel, makePe } from "./programs.ts";

/** More than any file makes the inspection read. */
const MOST = { reads: 3_000, bytes: 8 * 1024 * 1024 };

/** Inspects bytes in memory and counts what is asked for. */
async function count(bytes: Buffer): Promise<{ format: string; danger: string | null }> {
  const asked = { reads: 0, bytes: 0 };
  const found = await identify(async (offset, length) => {
    assert.ok(Number.isSafeInteger(length) && length >= 0, `a read of ${length} bytes`);
    const part = bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + length, bytes.length));
    asked.reads += 1;
    asked.bytes += part.length;
    assert.ok(asked.reads < MOST.reads && asked.bytes < MOST.bytes, JSON.stringify(asked));
    return part;
  }, bytes.length);
  try {
    const terms = {
      declared: null,
      permitted: PERMITTED_FORMATS,
      kind: "whole-disk",
      bootMode: null,
    } as const;
    admitDiskImage(found, terms);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
  }
  return found;
}

describe("a hostile image", () => {
  const files = useFiles();

  async function danger(change: (qcow2: Buffer) => void): Promise<string | null> {
    const qcow2 = makeQcow2(makeDisk({ efi: true }));
    change(qcow2);
    const found = await files.inspect(qcow2);
    assert.equal(found.format, "qcow2");
    if (found.danger !== null) {
      const terms = {
        declared: null,
        permitted: PERMITTED_FORMATS,
        kind: "whole-disk",
        bootMode: null,
      } as const;
      assert.throws(() => admitDiskImage(found, { ...terms, force: true }), { code: "image-unsafe" });
    }
    return found.danger;
  }

  it("cannot lead a qcow2's reader to another file, or to what it does not know", async () => {
    assert.equal(await danger(() => {}), null);
    assert.match((await danger((bytes) => bytes.writeBigUInt64BE(512n, 8)))!, /backing file/);
    assert.match((await danger((bytes) => bytes.writeBigUInt64BE(4n, 72)))!, /another file/);
    assert.match(
      (await danger((bytes) => bytes.writeBigUInt64BE(1n << 40n, 72)))!,
      /not known \(0x10000000000\)/,
    );
    assert.match((await danger((bytes) => bytes.writeBigUInt64BE(2n, 72)))!, /damaged/);
    assert.match((await danger((bytes) => bytes.writeUInt32BE(2, 32)))!, /encrypted/);
    assert.match((await danger((bytes) => bytes.writeUInt32BE(1, 4)))!, /version 1/);
    assert.match((await danger((bytes) => bytes.writeUInt32BE(60, 20)))!, /damaged/);
    assert.equal(await danger((bytes) => bytes.writeBigUInt64BE(1n, 72)), null, "dirty is harmless");
  });

  it("cannot be two things at once", async () => {
    const both = makeTinyIso();
    makeQcow2(makeDisk()).copy(both, 0, 0, 512);
    const twice = makeQcow2(makeDisk());
    twice.write("\x7f\x10\xda\xbe", 0x40, "latin1");

    assert.match((await files.inspect(both)).danger!, /ISO 9660 image at the same time/);
    assert.match((await files.inspect(twice)).danger!, /a VDI disk image at the same time/);
  });

  it("cannot name files of the host as a VMDK's extents", async () => {
    const descriptor = (lines: string): Buffer => {
      const bytes = Buffer.alloc(8192);
      bytes.write("KDMV\x01", 0, "latin1");
      bytes.writeBigUInt64LE(2048n, 12);
      bytes.writeBigUInt64LE(1n, 28);
      bytes.writeBigUInt64LE(2n, 36);
      bytes.write(lines, 512, "latin1");
      return bytes;
    };
    const own = 'createType="monolithicSparse"\nparentCID=ffffffff\nRW 2048 SPARSE "disk.vmdk"\n';
    const dangerOf = async (bytes: Buffer): Promise<string | null> => (await files.inspect(bytes)).danger;

    assert.equal(await dangerOf(descriptor(own)), null);
    assert.match(
      (await dangerOf(Buffer.from('# Disk DescriptorFile\nRW 1 FLAT "/etc/shadow" 0')))!,
      /other files/,
    );
    assert.match(
      (await dangerOf(descriptor(own.replace("monolithicSparse", "monolithicFlat"))))!,
      /of the type/,
    );
    assert.match((await dangerOf(descriptor(`${own}RW 1 FLAT "/etc/shadow" 0\n`)))!, /other files/);
    assert.match((await dangerOf(descriptor(own.replace("ffffffff", "12345678"))))!, /parent/);
    const noSize = descriptor(own);
    noSize.writeBigUInt64LE(0n, 12);
    assert.match((await dangerOf(noSize))!, /no size/);
  });

  it("cannot depend on another VDI or VHD", async () => {
    const vdi = Buffer.alloc(8192);
    vdi.write("\x7f\x10\xda\xbe", 0x40, "latin1");
    vdi.writeUInt32LE(4, 0x4c);
    const vhd = makeDisk();
    vhd.write("conectix", vhd.length - 512, "latin1");
    vhd.writeUInt32BE(4, vhd.length - 452);

    for (const bytes of [vdi, vhd]) assert.match((await files.inspect(bytes)).danger!, /another image/);
  });

  it("cannot unpack to more than a cluster holds", async () => {
    const bomb = makeQcow2(makeDisk({ efi: true }));
    const packed = deflateRawSync(makeDisk({ efi: true, sizeBytes: 50_000_000 }));
    const at = bomb.length;
    const sectors = BigInt(Math.ceil(packed.length / 512) - 1);
    bomb.writeBigUInt64BE((1n << 62n) | (sectors << 54n) | BigInt(at), 2 * 65_536);

    const found = await files.inspect(Buffer.concat([bomb, packed]));

    assert.equal(found.disk?.table, "none");
  });

  const seeds = [
    makeTinyIso(),
    makeDisk({ efi: true }).subarray(0, 40_000),
    makeDisk({ table: "mbr" }).subarray(0, 40_000),
    makeQcow2(makeDisk({ efi: true }).subarray(0, 70_000)),
    makeKernel("x86_64"),
    makePe({ machine: 0x8664, sections: [".text", ".linux"] }),
  ];

  it("is read in bounds and never an exception, whatever is broken in it", () => {
    const change = fc.tuple(fc.nat(), fc.oneof(fc.constant(0xff), fc.nat(255)));
    const property = fc.asyncProperty(
      fc.constantFrom(...seeds),
      fc.array(change, { maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(200, 4_096, Number.MAX_SAFE_INTEGER),
      async (seed, changes, kept, near) => {
        const bytes = Buffer.from(seed.subarray(0, Math.ceil(seed.length * Math.max(kept, 0.01))));
        for (const [at, value] of changes) bytes[at % Math.min(bytes.length, near)] = value;
        await count(bytes);
      },
    );
    return fc.assert(property, { numRuns: 400 });
  });

  it("is read in bounds where every number in a qcow2 is the largest", async () => {
    const qcow2 = makeQcow2(makeDisk({ efi: true }));
    for (const clusterBits of [9, 16, 21]) {
      for (const fill of [0xff, 0x7f, 0x41]) {
        const bytes = Buffer.from(qcow2);
        bytes.fill(fill, 24, 48);
        bytes.writeUInt32BE(0, 32);
        bytes.writeUInt32BE(clusterBits, 20);
        bytes.writeBigUInt64BE(0n, 24);
        bytes.writeUInt32BE(0xffffffff, 28);
        bytes.writeBigUInt64BE(65_536n, 40);
        bytes.fill(fill, 65_536, 3 * 65_536);
        await count(bytes);
      }
    }
  });

  it("is read in bounds where random bytes follow a mark", () => {
    const marks = [
      "QFI\xfb\0\0\0\x03",
      "KDMV",
      "vhdxfile",
      "conectix",
      "MZ",
      "LUKS\xba\xbe",
      "EFI PART",
      "BZh",
    ];
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 5_000 });
    const property = fc.asyncProperty(fc.constantFrom(...marks), bytes, async (mark, rest) => {
      await count(Buffer.concat([Buffer.from(mark, "latin1"), rest]));
    });
    return fc.assert(property, { numRuns: 300 });
  });
});
