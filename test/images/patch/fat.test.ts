import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openFat } from "../../../src/images/fat/files.ts";
import { rewriteFatFile } from "../../../src/images/fat/rewrite.ts";
import type { ReadAt } from "../../../src/images/inspect/read-at.ts";
import { createOverlay } from "../../../src/images/patch/overlay.ts";
import { runTool } from "../../media/tools.ts";
import { bytesOf, has, makeFat, makeFolder, needIsoMakers, removeWritten } from "./fixture.ts";
import { needProgram } from "../../need-program.ts";

const TEXT = "menuentry 'a' {\n  linux /vmlinuz quiet\n}\n";

/** A reader of bytes in memory. */
const readerOf =
  (bytes: Buffer): ReadAt =>
  (offset, length) =>
    Promise.resolve(Buffer.from(bytes.subarray(offset, offset + length)));

describe("a FAT boot image", () => {
  before(function () {
    needIsoMakers(this);
  });
  afterEach(removeWritten);

  const kinds: [string, number, string, string[]][] = [
    ["FAT12", 1440, "mformat", []],
    ["FAT16", 32 * 1024, "mformat", []],
    ["FAT32", 64 * 1024, "mformat", ["-F"]],
    ["FAT12 with sectors of 2048 bytes", 4 * 1024, "mkfs.fat", ["-S", "2048"]],
  ];
  for (const [name, kib, maker, options] of kinds)
    it(`takes a longer file in free clusters, as ${name}`, async function () {
      needProgram(this, maker, maker === "mformat" ? "mtools" : "dosfstools");
      const folder = await makeFolder();
      const image = join(folder, "fat.img");
      writeFileSync(image, Buffer.alloc(kib * 1024));
      await runTool(maker, maker === "mformat" ? ["-i", image, ...options, "::"] : [...options, image]);
      writeFileSync(join(folder, "grub.cfg"), TEXT);
      writeFileSync(join(folder, "behind"), Buffer.alloc(9000, "b"));
      await runTool("mmd", ["-i", image, "::/EFI"]);
      await runTool("mcopy", ["-i", image, join(folder, "grub.cfg"), "::/EFI/A long name.cfg"]);
      await runTool("mcopy", ["-i", image, join(folder, "behind"), "::/behind"]);
      const bytes = readFileSync(image);
      const overlay = createOverlay(
        { digest: "sha256:x", sizeBytes: bytes.length, path: image },
        readerOf(bytes),
      );
      const fat = (await openFat(overlay.read, 0))!;
      assert.equal(`FAT${fat.layout.bits}`, name.slice(0, 5));
      const file = (await fat.find("/efi/a LONG name.cfg"))!;
      assert.equal(String(await fat.content(file)), TEXT);
      const longer = Buffer.from(TEXT + "# more\n".repeat(1500));

      await rewriteFatFile(overlay, fat, file, longer);

      const { extents, sizeBytes, etag, ownBytes } = overlay.finish(0);
      assert.ok(ownBytes < longer.length + 4096, String(ownBytes));
      const disc = {
        id: "",
        extents,
        sizeBytes,
        etag,
        boot: { catalogue: { start: 0, end: 0 }, images: [] },
      };
      const changed = join(folder, "changed.img");
      writeFileSync(changed, bytesOf(disc, bytes));
      await runTool("mcopy", ["-i", changed, "::/EFI/A long name.cfg", join(folder, "out")]);
      await runTool("mcopy", ["-i", changed, "::/behind", join(folder, "behind-out")]);
      assert.deepEqual(readFileSync(join(folder, "out")), longer);
      assert.deepEqual(readFileSync(join(folder, "behind-out")), Buffer.alloc(9000, "b"));
      if (has("fsck.fat")) await runTool("fsck.fat", ["-n", changed]);
    });

  it("is none where its numbers make no sense", async () => {
    const folder = await makeFolder();
    await makeFat(join(folder, "fat.img"), { a: "x" }, 1440);
    const good = readFileSync(join(folder, "fat.img"));
    for (const [at, value] of [
      [11, 3],
      [13, 0],
      [13, 3],
      [14, 0],
      [16, 0],
      [510, 0],
    ] as const) {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      if (at === 14) bytes[15] = 0;
      assert.equal(await openFat(readerOf(bytes), 0), undefined, `byte ${at}`);
    }
  });

  it("ends where a chain goes in a circle, leaves the table, or meets a free cluster", async () => {
    const folder = await makeFolder();
    await makeFat(join(folder, "fat.img"), { a: "x".repeat(5000) }, 1440);
    const good = readFileSync(join(folder, "fat.img"));
    for (const next of [2, 0xfef, 0]) {
      const fat = (await openFat(readerOf(good), 0))!;
      fat.table.set(3, next);
      await assert.rejects(fat.content((await fat.find("/a"))!), { code: "iso-damaged" });
    }
  });
});
