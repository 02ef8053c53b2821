import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { inspectImage } from "../../../src/images/index.ts";
import { emptyFat12 } from "../../media/boot-stubs.ts";
import { makeDisk, makeQcow2, sealGptHeader } from "../../media/disks.ts";
import { makeTinyIso } from "../../media/tiny-iso.ts";
import { makeKernel, makePe } from "./programs.ts";
import { useFiles } from "./files.ts";

function filled(at: number, mark: string, length = 8192): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.write(mark, at, "latin1");
  return bytes;
}

describe("an image's bytes", () => {
  const files = useFiles();

  const cases: [what: string, bytes: Uint8Array, format: string][] = [
    ["an empty file", new Uint8Array(), "empty"],
    ["an ISO", makeTinyIso(), "iso"],
    ["a disk with a GPT", makeDisk(), "gpt"],
    ["a disk with a GPT of 4096-byte sectors", makeDisk({ sectorBytes: 4096 }), "gpt"],
    ["a disk with an MBR", makeDisk({ table: "mbr" }), "mbr"],
    ["a qcow2", makeQcow2(makeDisk()), "qcow2"],
    ["LUKS", filled(0, "LUKS\xba\xbe\0\x02"), "luks"],
    ["gzip", gzipSync("x"), "gzip"],
    ["xz", filled(0, "\xfd7zXZ\0"), "xz"],
    ["zstd", zstdCompressSync(Buffer.from("x")), "zstd"],
    ["bzip2", filled(0, "BZh91AY"), "bzip2"],
    ["lzma", filled(0, "\x5d\0\0\x80\0"), "lzma"],
    ["lz4 as the kernel reads it", filled(0, "\x02\x21\x4c\x18"), "lz4"],
    ["lzop", filled(0, "\x89LZO\0\r\n"), "lzop"],
    ["cpio", filled(0, "070701000000"), "cpio"],
    ["a tar archive", filled(257, "ustar\x0000"), "tar"],
    ["a FAT", emptyFat12(64), "fat"],
    ["an ext file system", filled(1080, "\x53\xef"), "file-system"],
    ["an XFS file system", filled(0, "XFSB"), "file-system"],
    ["a btrfs file system", filled(0x10040, "_BHRfS_M", 70_000), "file-system"],
    ["a kernel for x86", makeKernel("x86_64"), "linux"],
    ["a kernel for arm64", makeKernel("aarch64"), "linux"],
    ["an EFI program", makePe({ machine: 0x8664 }), "efi"],
    ["a program of Windows", makePe({ machine: 0x8664, subsystem: 3 }), "unknown"],
    ["an ELF program", filled(0, "\x7fELF"), "elf"],
    ["a web page", Buffer.from("<!DOCTYPE html><title>Log in</title>"), "text"],
    ["zeros", Buffer.alloc(50_000), "unknown"],
  ];
  for (const [what, bytes, format] of cases)
    it(`tell what it is, whatever its name: ${what}`, async () => {
      assert.equal((await files.inspect(bytes)).format, format);
    });

  it("tell for which processor a kernel or a program is", async () => {
    const arch = async (bytes: Buffer): Promise<unknown> => (await files.inspect(bytes)).arch;

    assert.equal(await arch(makeKernel("x86_64")), "x86_64");
    assert.equal(await arch(makeKernel("aarch64")), "aarch64");
    assert.equal(await arch(makePe({ machine: 0xaa64 })), "aarch64");
    assert.equal(await arch(makePe({ machine: 0x14c })), null);
    const selfUnpacking = makePe({ machine: 0xaa64 });
    selfUnpacking.write("\0\0zimg", 2, "latin1");
    assert.deepEqual(await files.inspect(selfUnpacking).then(({ format, arch: of }) => [format, of]), [
      "linux",
      "aarch64",
    ]);
  });

  it("tell a unified kernel image by its sections", async () => {
    const { what } = await files.inspect(makePe({ machine: 0x8664, sections: [".text", ".linux"] }));

    assert.equal(what, "a unified kernel image for x86_64");
  });

  it("tell a hybrid ISO from one that is a CD alone, and a data disc from one that boots", async () => {
    const hybrid = makeTinyIso({ sizeBytes: 1024 * 1024 });
    makeDisk({ table: "mbr", efi: true }).copy(hybrid, 0, 0, 512);
    const data = makeTinyIso();
    data.write("CD000", 17 * 2048 + 1, "latin1");

    const plain = await files.inspect(makeTinyIso());
    assert.deepEqual([plain.isBootableCd, plain.disk], [true, null]);
    const both = await files.inspect(hybrid);
    assert.deepEqual([both.format, both.isBootableCd, both.disk?.hasEfiPartition], ["iso", true, true]);
    assert.equal((await files.inspect(data)).isBootableCd, false);
  });

  it("are no exception when the file is not there, but an error that says so", async () => {
    await assert.rejects(inspectImage(files.path("absent")), { code: "image-not-found", retryable: false });
  });
});

describe("a disk's bytes", () => {
  const files = useFiles();

  for (const table of ["gpt", "mbr"] as const)
    it(`tell what firmware would find in the ${table}, raw and inside a qcow2`, async () => {
      for (const [efi, bootCode] of [
        [true, false],
        [false, true],
      ] as const) {
        const disk = makeDisk({ table, efi, bootCode });
        for (const bytes of [disk, makeQcow2(disk)]) {
          const found = await files.inspect(bytes);
          assert.deepEqual(found.disk, {
            table,
            partitions: efi ? 2 : 1,
            hasEfiPartition: efi,
            hasBootCode: bootCode,
            problem: null,
          });
          assert.equal(found.diskBytes, disk.length);
        }
      }
    });

  it("tell that an EFI partition begins behind the end of a disk that was cut short", async () => {
    const whole = makeDisk({ table: "mbr", efi: true });

    const cut = await files.inspect(whole.subarray(0, 100 * 512));

    assert.equal(cut.disk?.hasEfiPartition, false);
  });

  it("tell what is wrong with a GPT that firmware would not take", async () => {
    const problemOf = async (change: (disk: Buffer) => void): Promise<string | null | undefined> => {
      const disk = makeDisk({ efi: true });
      change(disk);
      return (await files.inspect(disk)).disk?.problem;
    };

    assert.match((await problemOf((disk) => (disk[600] = 1)))!, /GPT has a table|header is damaged/);
    assert.match((await problemOf((disk) => (disk[560] = 7)))!, /header is damaged/);
    assert.match((await problemOf((disk) => (disk[1100] = 7)))!, /table is damaged/);
    assert.match((await problemOf((disk) => disk.fill(0, 510, 512)))!, /no protective MBR/);
    const hugeTable = (disk: Buffer): void => {
      disk.writeUInt32LE(0xffffffff, 512 + 80);
      sealGptHeader(disk);
    };
    assert.match((await problemOf(hugeTable))!, /impossible size/);
    const farTable = (disk: Buffer): void => {
      disk.writeBigUInt64LE(0xffff_ffff_ffffn, 512 + 72);
      sealGptHeader(disk);
    };
    assert.match((await problemOf(farTable))!, /behind its end/);
    assert.match((await problemOf((disk) => disk.fill(0, 512, 1024)))!, /announces a GPT/);
  });

  it("are judged by the MBR where a GPT was only left behind", async () => {
    const disk = makeDisk({ efi: true });
    makeDisk({ table: "mbr" }).copy(disk, 446, 446, 512);

    assert.equal((await files.inspect(disk)).format, "mbr");
  });
});
