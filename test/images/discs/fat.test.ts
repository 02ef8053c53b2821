import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { hasFatFile } from "../../../src/images/fat/files.ts";
import { chooseShape } from "../../../src/images/fat/shape.ts";
import { writeFat } from "../../../src/images/fat/write.ts";
import { bytesOf, run, text } from "./bytes.ts";
import { needProgram } from "../../need-program.ts";

const FILES: [path: string, words: string][] = [
  ["/EFI/BOOT/BOOTX64.EFI", "loader ".repeat(50_000)],
  ["/EFI/BOOT/grubx64.efi", "x"],
  ["/user-data", "#cloud-config\n"],
  ["/a longer name than eight.conf", "long"],
  ["/a longer name than nine.conf", "long too"],
  ["/empty", ""],
  ["/openstack/latest/meta_data.json", "{}"],
];

const fatOf = (files: readonly [string, string][]): Buffer =>
  bytesOf(
    writeFat(
      "config-2",
      files.map(([path, words]) => ({ path, content: text(words) })),
    ).extents,
  );
const readerOf = (bytes: Buffer) => async (offset: number, length: number) =>
  bytes.subarray(Math.max(0, offset), Math.max(0, offset + length));

describe("a FAT image", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "trayload-fat-"))));
  after(() => rmSync(folder, { recursive: true }));

  const sizes: [name: string, extra: [string, string][]][] = [
    ["FAT12", []],
    ["FAT16", [["/large", "0123456789abcdef".repeat(640 * 1024)]]],
    ["as near to the bound of FAT12 as can be", [["/large", "x".repeat(4068 * 2048 - 190 * 2048)]]],
  ];
  for (const [name, extra] of sizes)
    it(`is clean to fsck.fat as ${name}`, function () {
      needProgram(this, "fsck.fat", "dosfstools");
      const path = join(folder, "image");
      writeFileSync(path, fatOf([...FILES, ...extra]));

      assert.match(run("fsck.fat", ["-n", "-v", path]), /\d+ files, \d+\/\d+ clusters/);
    });

  it("gives every file byte for byte to 7z", function () {
    needProgram(this, "7z", "p7zip-full");
    writeFileSync(join(folder, "image"), fatOf(FILES));
    run("7z", ["x", `-o${join(folder, "out")}`, join(folder, "image")]);

    for (const [path, words] of FILES)
      assert.equal(readFileSync(join(folder, "out", path), "utf8"), words, path);
  });

  it("is searched for a file whatever its case", async () => {
    for (const extra of sizes.map(([, files]) => files)) {
      const read = readerOf(fatOf([...FILES, ...extra]));
      assert.equal(await hasFatFile(read, "/efi/boot/bootx64.EFI"), true);
      assert.equal(await hasFatFile(read, "/EFI/BOOT/BOOTAA64.EFI"), false);
      assert.equal(await hasFatFile(read, "/EFI/BOOT"), false);
      assert.equal(await hasFatFile(read, "/EFI/BOOT/BOOTX64.EFI/more"), false);
    }
  });

  it("is searched in FAT32 too, as mkfs.fat makes it", async function () {
    needProgram(this, "mkfs.fat", "dosfstools");
    needProgram(this, "mcopy", "mtools");
    const path = join(folder, "fat32");
    run("mkfs.fat", ["-C", "-F", "32", path, "40000"]);
    run("mmd", ["-i", path, "::EFI", "::EFI/BOOT"]);
    run("mcopy", ["-i", path, "/dev/null", "::EFI/BOOT/BOOTX64.EFI"]);

    assert.equal(await hasFatFile(readerOf(readFileSync(path)), "/EFI/BOOT/BOOTX64.EFI"), true);
  });

  it("is of the kind that readers take it for by its clusters, whatever fits into it", () => {
    for (let needed = 4_000; needed < 4_200; needed += 1) {
      const { bits, clusters } = chooseShape(() => needed);
      assert.equal(bits, clusters < 4085 ? 12 : 16, `${needed}`);
      assert.ok(clusters >= needed && Math.abs(clusters - 4085) > 10, `${needed}`);
    }
  });

  it("whose directory has no end is searched to an end all the same", async () => {
    const endless = fatOf(FILES);
    // Cluster 2 is /EFI, which is full of something else and followed by itself.
    endless.fill(
      "x",
      endless.readUInt16LE(22) * 1024 + 512 + 112 * 32,
      endless.readUInt16LE(22) * 1024 + 512 + 112 * 32 + 2048,
    );
    for (const fat of [512, 512 + endless.readUInt16LE(22) * 512]) endless.writeUInt16LE(0xf002, fat + 3);

    assert.equal(await hasFatFile(readerOf(endless), "/EFI/BOOT/BOOTX64.EFI"), false);
  });

  it("that is broken is searched to an end all the same", async () => {
    const whole = fatOf(FILES).subarray(0, 64 * 1024);
    const damage = fc.array(fc.tuple(fc.nat(8 * 1024), fc.nat(255)), { minLength: 1, maxLength: 40 });
    const property = fc.asyncProperty(damage, fc.nat(64 * 1024), async (bytes, length) => {
      const broken = Buffer.from(whole.subarray(0, length));
      for (const [offset, value] of bytes) if (offset < length) broken[offset] = value;
      assert.equal(typeof (await hasFatFile(readerOf(broken), "/EFI/BOOT/BOOTX64.EFI")), "boolean");
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
