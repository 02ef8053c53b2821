import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createHash } from "node:crypto";
import type { PatchedDisc } from "../../../src/images/index.ts";
import { runTool } from "../../media/tools.ts";
import {
  COREOS,
  COREOS_DEFAULT_ARGS,
  DEBIAN,
  ESXI,
  FEDORA,
  RED_HAT,
  SUSE,
  SYSTEMD_BOOT,
  UBUNTU,
} from "./families.ts";
import {
  bytesOf,
  extractAll,
  has,
  makeIso,
  needIsoMakers,
  patch,
  readAll,
  type Recipe,
  removeWritten,
  type Wanted,
  writeDisc,
  type Written,
} from "./fixture.ts";
import { checkStructure } from "./structure.ts";

const HELLO = Buffer.from("hello\n");

/** Lines of a text that have a word. */
const linesWith = (text: Buffer | undefined, word: string): string[] =>
  String(text)
    .split("\n")
    .filter((line) => line.includes(word))
    .map((line) => line.trim());

/** The files of the disc that the image has not, or has otherwise; the catalogue says itself which blocks it stands in. */
function differing(old: Record<string, Buffer>, now: Record<string, Buffer>): string[] {
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  return Array.from(names)
    .filter((name) => old[name]?.equals(now[name] ?? Buffer.from("gone")) !== true)
    .toSorted();
}

describe("a patched image", () => {
  let patched: PatchedDisc;
  let written: Written;
  let old: Record<string, Buffer>;
  let now: Record<string, Buffer>;

  before(function () {
    needIsoMakers(this);
  });
  afterEach(removeWritten);

  async function make(recipe: Recipe, wanted: Wanted): Promise<void> {
    const isoPath = await makeIso(recipe);
    patched = await patch(isoPath, wanted);
    written = await writeDisc(patched, isoPath);
    if (patched.disc.extents.at(-1)?.kind === "zeros") checkStructure(readFileSync(written.path));
    old = await extractAll(isoPath, join(written.folder, "before"));
    now = await written.extractAll();
  }
  /** What mtools reads from the FAT boot image. */
  async function inFat(path: string): Promise<Buffer> {
    const { start, end } = patched.disc.boot.images.find(({ platform }) => platform === "efi")!;
    const image = join(written.folder, "fat.img");
    writeFileSync(image, readFileSync(written.path).subarray(start, end));
    if (has("fsck.fat"))
      assert.match(await runTool("fsck.fat", ["-n", image]), /^[^]*files, \d+\/\d+ clusters\s*$/);
    const out = join(written.folder, "from-fat");
    await runTool("mcopy", ["-o", "-i", image, `::${path}`, out]);
    return readFileSync(out);
  }

  describe("of Red Hat", () => {
    it("has the kickstart, and arguments that lead to it in every menu, and no check of the medium", async () => {
      await make(RED_HAT, { userData: HELLO, kernelArgs: "console=ttyS0" });
      const changed = ["EFI/BOOT/grub.cfg", "efiboot.img", "isolinux/isolinux.cfg", "ks.cfg"];
      assert.deepEqual(differing(old, now), changed);
      assert.equal(patched.family, "red-hat");
      assert.deepEqual(now["ks.cfg"], HELLO);
      const grub = linesWith(now["EFI/BOOT/grub.cfg"], "linuxefi");
      assert.equal(grub.length, 3);
      for (const line of grub) assert.match(line, /inst\.ks=cdrom:\/ks\.cfg console=ttyS0$/);
      assert.deepEqual(linesWith(await inFat("/EFI/BOOT/grub.cfg"), "linuxefi"), grub);
      assert.equal(linesWith(now["isolinux/isolinux.cfg"], "inst.ks=cdrom:/ks.cfg console=ttyS0").length, 2);
      assert.ok(!Object.values(now).some((file) => file.includes("rd.live.check")));
      assert.match(patched.warnings.join(), /no longer have the medium checked/);
    });

    it("of today, with its FAT behind the ISO, keeps the tree of its first partition readable", async () => {
      await make(FEDORA, { kernelArgs: "console=ttyS0", files: [{ path: "/ks.cfg", content: HELLO }] });
      assert.deepEqual(differing(old, now), ["EFI/BOOT/grub.cfg", "boot/grub2/grub.cfg", "ks.cfg"]);
      assert.equal(linesWith(await inFat("/EFI/BOOT/grub.cfg"), "console=ttyS0").length, 3);
      assert.match(patched.warnings.join(), /first partition/);
      const partition = join(written.folder, "partition.iso");
      writeFileSync(partition, readFileSync(written.path).subarray(16 * 2048));
      const seen = await extractAll(partition, join(written.folder, "seen"));
      assert.deepEqual(differing(old, seen), []);
    });
  });

  it("of Debian has the preseed file, in the tree of its partition too, and sums that fit", async () => {
    await make(DEBIAN, { userData: HELLO });
    const menus = ["boot/grub/grub.cfg", "isolinux/gtk.cfg", "isolinux/isolinux.cfg", "isolinux/txt.cfg"];
    assert.deepEqual(differing(old, now), [...menus, "md5sum.txt", "preseed.cfg"]);
    const args = "auto=true priority=critical file=/cdrom/preseed.cfg ---";
    for (const menu of ["boot/grub/grub.cfg", "isolinux/gtk.cfg", "isolinux/txt.cfg"])
      assert.ok(linesWith(now[menu], args).length > 0, menu);
    const md5 = (path: string) => createHash("md5").update(now[path]!).digest("hex");
    for (const path of ["boot/grub/grub.cfg", "isolinux/txt.cfg"])
      assert.ok(now["md5sum.txt"]!.includes(`${md5(path)}  ./${path}\n`));
    const mbr = readFileSync(written.path).subarray(446, 510);
    const [start, sectors] = [mbr.readUInt32LE(8), mbr.readUInt32LE(12)];
    assert.equal((start + sectors) * 512, patched.disc.sizeBytes);
    checkStructure(readFileSync(written.path), start / 4);
    const partition = join(written.folder, "partition.iso");
    writeFileSync(partition, readFileSync(written.path).subarray(start * 512));
    const seen = await extractAll(partition, join(written.folder, "seen"));
    assert.deepEqual(differing(now, seen), []);
  });

  it("of Ubuntu has the NoCloud files, and the yes that its installer would ask for", async () => {
    await make(UBUNTU, { userData: HELLO, metaData: Buffer.from("instance-id: a\n") });
    const files = ["boot/grub/grub.cfg", "nocloud/meta-data", "nocloud/user-data"];
    assert.deepEqual(differing(old, now), files);
    assert.deepEqual(now["nocloud/user-data"], HELLO);
    assert.deepEqual(linesWith(now["boot/grub/grub.cfg"], "linux\t"), [
      "linux\t/casper/vmlinuz  autoinstall 'ds=nocloud;s=/cdrom/nocloud/' fsck.mode=skip ---",
    ]);
  });

  it("of SUSE has the profile, and starts the installer where it would have started the disk", async () => {
    await make(SUSE, { userData: HELLO });
    assert.equal(patched.family, "autoyast");
    assert.deepEqual(now["autoinst.xml"], HELLO);
    const isolinux = now["boot/x86_64/loader/isolinux.cfg"];
    assert.deepEqual(linesWith(isolinux, "default"), ["default linux"]);
    assert.deepEqual(linesWith(isolinux, "append"), [
      "append initrd=initrd splash=silent showopts autoyast=cd:///autoinst.xml",
    ]);
    assert.equal(linesWith(await inFat("/EFI/BOOT/grub.cfg"), "autoyast=cd:///autoinst.xml").length, 1);
  });

  it("with Agama has its profile under the name that fits, by the volume's label", async () => {
    const menu = "menuentry 'Install' {\n  linux /boot/linux agama.x=y\n}\n";
    const recipe = { ...SUSE, name: "agama", files: { ...SUSE.files, "boot/grub2/grub.cfg": menu } };
    await make(recipe, { userData: Buffer.from('{"product": {}}') });
    assert.equal(patched.family, "agama");
    assert.ok(linesWith(now["boot/grub2/grub.cfg"], "inst.auto=label://SLE_15/autoinst.json").length > 0);
    assert.deepEqual(patched.files, ["/autoinst.json"]);
  });

  it("with systemd-boot has its arguments inside the FAT", async () => {
    await make(SYSTEMD_BOOT, { kernelArgs: { append: "console=ttyS0", remove: "quiet" } });
    assert.deepEqual(linesWith(await inFat("/loader/entries/live.conf"), "options"), [
      "options root=live:LABEL=X  console=ttyS0",
    ]);
    assert.equal(String(await inFat("/loader/loader.conf")).trim(), "timeout 1\ndefault live.conf");
    assert.deepEqual(differing(old, now), ["efiboot.img"]);
  });

  it("of ESXi has the kickstart in capitals, and every other line of boot.cfg", async () => {
    await make(ESXI, { userData: HELLO });
    assert.deepEqual(patched.files, ["/KS.CFG"]);
    for (const path of ["BOOT.CFG", "EFI/BOOT/BOOT.CFG"]) {
      assert.deepEqual(linesWith(now[path], "kernelopt"), ["kernelopt=runweasel cdromBoot ks=cdrom:/KS.CFG"]);
      assert.deepEqual(linesWith(now[path], "modules"), linesWith(old[path], "modules"));
    }
  });

  it("of CoreOS has its config and arguments in their areas, and not a byte is moved", async () => {
    const config = Buffer.from('{"ignition":{"version":"3.4.0"}}');
    await make(COREOS, {
      userData: config,
      kernelArgs: { append: "console=ttyS0", remove: "ignition.firstboot" },
    });
    const areas = ["EFI/fedora/grub.cfg", "isolinux/isolinux.cfg"];
    assert.deepEqual(differing(old, now), [areas[0], "images/ignition.img", areas[1]]);
    const args = `${COREOS_DEFAULT_ARGS.replace("ignition.firstboot ", "")} console=ttyS0`;
    for (const area of areas) {
      assert.ok(now[area]!.includes(`${args}\n###`), String(now[area]));
      assert.equal(now[area]!.length, old[area]!.length);
      assert.ok(now[area]!.includes("# COREOS_KARG_EMBED_AREA\n"));
    }
    assert.equal(patched.disc.sizeBytes, readFileSync(await makeIso(COREOS)).length);
    const archive = join(written.folder, "archive");
    writeFileSync(archive, now["images/ignition.img"]!);
    if (!has("cpio")) return;
    const listed = await runTool("cpio", ["-itv", "--quiet", "-F", archive]);
    assert.match(listed, /^-rw-------.* 32 .*config\.ign\n$/);
  });

  it("has new files in new directories, changed ones, and all others, however it is read", async () => {
    const files = [
      { path: "/a/b/c/A file with.long_name, and ~more größe.TXT", content: HELLO },
      { path: "/a/second.txt", content: Buffer.alloc(5000, "x") },
      { path: "/boot/x86_64/loader/linux", content: Buffer.from("another kernel") },
      { path: "/empty", content: Buffer.alloc(0) },
    ];
    await make(SUSE, { files });
    const names = files.map(({ path }) => path.slice(1));
    assert.deepEqual(differing(old, now), names.toSorted());
    for (const { path, content } of files) assert.deepEqual(now[path.slice(1)], content);
    if (has("7z")) {
      const out = join(written.folder, "by-7z");
      await runTool("7z", ["x", "-y", `-o${out}`, written.path]);
      const by7z = readAll(out);
      for (const [name, content] of Object.entries(now)) assert.deepEqual(by7z[name], content, name);
    }
    if (has("isoinfo"))
      for (const tree of ["-R", "-J"]) {
        const listed = await runTool("isoinfo", ["-i", written.path, tree, "-f"]);
        // What is not ASCII it writes in a way of its own.
        for (const name of names) assert.ok(listed.includes(`/${name.split("ö")[0]!}`), `${tree} /${name}`);
      }
  });

  it("has more files in one directory than its block can hold", async () => {
    const files = Array.from({ length: 60 }, (_, index) => ({
      path: `/isolinux/file-number-${index}.txt`,
      content: Buffer.from(`content ${index}`),
    }));
    await make(DEBIAN, { files });
    assert.equal(differing(old, now).length, 60);
    for (const { path, content } of files) assert.deepEqual(now[path.slice(1)], content);
  });

  it("has files that are stored elsewhere, without their bytes being kept", async () => {
    const big = Buffer.alloc(300_000, "big");
    const content = { digest: "sha256:big", sizeBytes: big.length, path: "" };
    const isoPath = await makeIso(RED_HAT);
    patched = await patch(isoPath, { files: [{ path: "/big.bin", content }] });
    assert.ok(patched.ownBytes < 3000, String(patched.ownBytes));
    written = await writeDisc(patched, isoPath, { "sha256:big": big });
    assert.deepEqual((await written.extractAll())["big.bin"], big);
  });

  it("is the image itself when nothing is asked for", async () => {
    const isoPath = await makeIso(RED_HAT);
    const { disc } = await patch(isoPath, {});
    assert.equal(disc.extents.length, 1);
    assert.match(disc.etag, /^sha256-/);
  });

  it("has equal bytes and an equal tag for equal changes, and another for others", async () => {
    const isoPath = await makeIso(RED_HAT);
    const one = await patch(isoPath, { userData: HELLO, kernelArgs: "a" });
    const same = await patch(isoPath, { userData: HELLO, kernelArgs: "a" });
    const other = await patch(isoPath, { userData: HELLO, kernelArgs: "b" });
    assert.deepEqual(one.disc, same.disc);
    assert.notEqual(one.disc.etag, other.disc.etag);
    const image = readFileSync(isoPath);
    assert.equal(bytesOf(one.disc, image).length, one.disc.sizeBytes);
    assert.equal(one.disc.sizeBytes % 2048, 0);
    // What BIOS GRUB reads beyond the last file, in pieces of 32 KiB.
    const padding = one.disc.extents.at(-1)!;
    assert.ok(padding.kind === "zeros" && padding.length >= 16 * 2048);
  });

  it("costs little to keep", async () => {
    for (const recipe of [RED_HAT, FEDORA, DEBIAN, UBUNTU, SUSE, ESXI]) {
      const { disc } = await patch(await makeIso(recipe), { userData: HELLO, kernelArgs: "console=ttyS0" });
      const kept = JSON.stringify(disc).length;
      assert.ok(kept < 24_000, `${recipe.name}: ${kept}`);
    }
  });

  it("has another label in every tree, and is otherwise the same, where only that is asked", async () => {
    await make(SYSTEMD_BOOT, { label: "config-2" });
    assert.deepEqual(differing(old, now), []);
    const bytes = readFileSync(written.path);
    assert.equal(bytes.toString("latin1", 16 * 2048 + 40, 16 * 2048 + 72), "config-2".padEnd(32));
    const joliet = [17, 18, 19].find((block) => bytes[block * 2048] === 2)! * 2048;
    const name = Buffer.from(bytes.subarray(joliet + 40, joliet + 72)).swap16();
    assert.equal(name.toString("utf16le"), "config-2".padEnd(16));
    assert.ok(patched.ownBytes < 256, `${patched.ownBytes} bytes`);
    await make(RED_HAT, { label: "RHEL" });
    assert.equal(patched.ownBytes, 0, "its own label is none of ours");
  });
});
