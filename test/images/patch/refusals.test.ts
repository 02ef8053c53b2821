import assert from "node:assert/strict";
import { writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ImageError, inspectIso, patchIso } from "../../../src/images/index.ts";
import { makeTinyIso } from "../../media/tiny-iso.ts";
import { runTool } from "../../media/tools.ts";
import { COREOS, DEBIAN, ESXI, RED_HAT, SYSTEMD_BOOT } from "./families.ts";
import {
  makeFolder,
  makeIso,
  needIsoMakers,
  patch,
  removeWritten,
  storedAt,
  type Wanted,
  writeDisc,
} from "./fixture.ts";
import { changed, makeSealed, makeUdfBridge, program } from "./unfit.ts";
import { needProgram } from "../../need-program.ts";

async function refused(path: string, wanted: Wanted, code: string): Promise<ImageError> {
  const error = await patch(path, wanted).then(
    () => assert.fail("was patched"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ImageError, String(error));
  assert.equal(error.code, code, error.message);
  assert.equal(error.retryable, false);
  assert.ok(error.hint !== undefined, "says nothing of what to do");
  return error;
}

describe("an image is refused, before anything was done,", () => {
  before(function () {
    needIsoMakers(this);
  });
  afterEach(removeWritten);

  const file = (path: string): Wanted => ({ files: [{ path, content: Buffer.from("x") }] });

  it("when it is a UDF bridge", async () => {
    await refused(await makeUdfBridge(), { kernelArgs: "a" }, "iso-is-udf");
  });

  it("when it is a UDF bridge of genisoimage", async function () {
    needProgram(this, "genisoimage", "genisoimage");
    const folder = await makeFolder();
    writeFileSync(join(folder, "boot.img"), Buffer.alloc(2048, 0x90));
    const path = join(folder, "udf.iso");
    const boot = ["-b", "boot.img", "-no-emul-boot", "-c", "boot.cat"];
    await runTool("genisoimage", ["-quiet", "-R", "-udf", ...boot, "-o", path, folder]);
    await refused(path, file("/a"), "iso-is-udf");
  });

  it("when arguments are given and no menu is found", async () => {
    const path = join(await makeFolder(), "tiny.iso");
    writeFileSync(path, makeTinyIso());
    const error = await refused(path, { kernelArgs: "a" }, "iso-no-boot-menu");
    assert.match(error.message, /no boot menu of GRUB, isolinux, systemd-boot or ESXi/);
  });

  it("when its kernel is sealed with its command line, in the FAT or on the ISO", async () => {
    const one = await makeSealed();
    assert.match((await refused(one, { kernelArgs: "a" }, "iso-signed-kernel")).message, /BOOTX64\.EFI/i);
    const onIso = { ...RED_HAT.files, "EFI/Linux/talos.efi": program(".linux") };
    const two = await makeIso({ ...RED_HAT, name: "sealed-on-iso", files: onIso });
    await refused(two, { kernelArgs: "a" }, "iso-signed-kernel");
    const stub = { "EFI/BOOT/BOOTX64.EFI": program(".text") };
    await patch(await makeIso({ ...RED_HAT, name: "stub", fat: { ...RED_HAT.fat, ...stub } }), {
      kernelArgs: "a",
    });
  });

  it("when it is to have a label that cannot be one, or is another than its own menus look for", async () => {
    await refused(await makeIso(SYSTEMD_BOOT), { label: " x" }, "disc-label-invalid");
    const error = await refused(await makeIso(RED_HAT), { label: "config-2" }, "disc-label-invalid");
    assert.match(error.message, /RHEL.*grub\.cfg|RHEL.*isolinux\.cfg/);
  });

  it("when the medium's own check is asked for", async () => {
    await refused(await makeIso(RED_HAT), { kernelArgs: "rd.live.check" }, "iso-media-check");
    await refused(await makeIso(DEBIAN), { kernelArgs: { replace: "mediacheck=1" } }, "iso-media-check");
  });

  it("when its FAT is full", async () => {
    const loader = { "EFI/BOOT/BOOTX64.EFI": Buffer.alloc(2840 * 512, 1) };
    const recipe = { ...SYSTEMD_BOOT, name: "full", fat: { ...SYSTEMD_BOOT.fat, ...loader } };
    await refused(await makeIso(recipe), { kernelArgs: `a=${"x".repeat(2000)}` }, "iso-no-room");
  });

  it("when nothing on it reads what is given", async () => {
    await refused(await makeIso(SYSTEMD_BOOT), { userData: Buffer.from("x") }, "iso-data-not-read");
    await refused(await makeIso(RED_HAT), { metaData: Buffer.from("x") }, "iso-data-not-read");
    await refused(await makeIso(ESXI), { vendorData: Buffer.from("x") }, "iso-data-not-read");
    await refused(await makeIso(COREOS), { userData: Buffer.from("#cloud-config\n") }, "iso-data-not-read");
    await refused(await makeIso(COREOS), { userData: Buffer.from("{}") }, "iso-data-not-read");
  });

  it("when somebody has put their own into a CoreOS image, unless forced", async () => {
    const isoPath = await makeIso(COREOS);
    const userData = Buffer.from('{"ignition":{"version":"3.4.0"}}');
    const { path } = await writeDisc(await patch(isoPath, { userData, kernelArgs: "a" }), isoPath);
    await refused(path, { userData }, "iso-already-customised");
    await refused(path, { kernelArgs: "b" }, "iso-already-customised");
    const forced = await writeDisc(await patch(path, { kernelArgs: "b", force: true }), path);
    assert.ok((await forced.extractAll())["isolinux/isolinux.cfg"]!.includes(" a b\n"));
  });

  it("when a CoreOS area has no room, or cannot take the characters", async () => {
    const isoPath = await makeIso(COREOS);
    await refused(isoPath, { kernelArgs: `a=${"x".repeat(400)}` }, "iso-no-room");
    await refused(isoPath, { kernelArgs: "ds=a;b" }, "kernel-args-invalid");
    const random = Array.from({ length: 9000 }, (_, index) => (index * index * 7919) % 9973).join("");
    const userData = Buffer.from(JSON.stringify({ ignition: { version: "3.4.0" }, random }));
    await refused(isoPath, { userData }, "iso-no-room");
  });

  it("when a CoreOS image keeps its arguments where they are not found", async () => {
    const kargs = JSON.stringify({ default: "a", files: [{ path: "EFI/absent", offset: 0 }], size: 100 });
    const none = { ...COREOS.files };
    delete none["coreos/kargs.json"];
    const one = { ...COREOS, name: "coreos-absent", files: { ...none, "coreos/kargs.json": kargs } };
    await refused(await makeIso(one), { kernelArgs: "a" }, "iso-no-boot-menu");
    const two = { ...COREOS, name: "coreos-none", files: none };
    await refused(await makeIso(two), { kernelArgs: "a" }, "iso-no-boot-menu");
    const lying = kargs.replace("EFI/absent", "coreos/igninfo.json");
    const three = { ...COREOS, name: "coreos-lying", files: { ...none, "coreos/kargs.json": lying } };
    await refused(await makeIso(three), { kernelArgs: "a" }, "iso-damaged");
  });

  const paths = [
    "ks.cfg",
    "/../ks.cfg",
    "/a//b",
    "/",
    "/a\n",
    "/.disk/info",
    "/.",
    `/${"a".repeat(104)}`,
    "/1/2/3/4/5/6/7/8/9",
  ];
  for (const path of paths)
    it(`when a file is to be at ${JSON.stringify(path.slice(0, 20))}`, async () => {
      await refused(await makeIso(RED_HAT), file(path), "files-invalid");
    });

  it("when a file is to be where a directory is, below a file, twice, or in a menu that arguments change", async () => {
    const isoPath = await makeIso(RED_HAT);
    await refused(isoPath, file("/EFI/BOOT"), "files-invalid");
    await refused(isoPath, file("/.discinfo/x"), "files-invalid");
    const [one] = file("/a").files!;
    await refused(isoPath, { files: [one!, { ...one!, path: "/A" }] }, "files-invalid");
    await refused(isoPath, { ...file("/EFI/BOOT/grub.cfg"), kernelArgs: "a" }, "files-invalid");
    await refused(isoPath, { ...file("/ks.cfg"), userData: Buffer.from("x") }, "files-invalid");
  });

  it("when a file is a boot image, or has a name that plain ISO 9660 does not know", async () => {
    await refused(await makeIso(RED_HAT), file("/boot.img"), "files-invalid");
    await refused(await makeIso(RED_HAT), file("/efiboot.img"), "files-invalid");
    const error = await refused(await makeIso(ESXI), file("/a-long-name.config"), "files-invalid");
    assert.match(error.message, /plain ISO 9660/);
  });

  it("when its menus are stored compressed", async () => {
    const path = await changed(RED_HAT, (bytes) => turnIntoZisofs(bytes, "grub.cfg"));
    await refused(path, { kernelArgs: "a" }, "iso-unsupported");
  });

  it("when it is one of several discs, or its blocks are strange", async () => {
    const set = await changed(RED_HAT, (bytes) => bytes.writeUInt16LE(3, 16 * 2048 + 120));
    await refused(set, file("/a"), "iso-unsupported");
    const strange = await changed(RED_HAT, (bytes) => bytes.writeUInt16LE(512, 16 * 2048 + 128));
    await refused(strange, file("/a"), "iso-damaged");
  });

  it("when the directory was moved for its depth", async function () {
    needProgram(this, "genisoimage", "genisoimage");
    const folder = await makeFolder();
    const deep = join(folder, "files/1/2/3/4/5/6/7/8/9");
    await runTool("mkdir", ["-p", deep]);
    writeFileSync(join(folder, "files/boot.img"), Buffer.alloc(2048, 0x90));
    writeFileSync(join(deep, "file"), "deep");
    const path = join(folder, "deep.iso");
    const boot = ["-b", "boot.img", "-no-emul-boot", "-c", "boot.cat"];
    await runTool("genisoimage", ["-quiet", "-R", ...boot, "-o", path, join(folder, "files")]);
    await refused(path, file("/1/2/3/4/5/6/7/8"), "iso-unsupported");
    await patch(path, file("/1/2/3/x"));
  });

  it("when it was cut, or is another than the one that was looked at", async () => {
    const isoPath = await makeIso(RED_HAT);
    const report = await inspectIso(isoPath);
    const path = join(await makeFolder(), "cut.iso");
    writeFileSync(path, readFileSync(isoPath).subarray(0, 19 * 2048));
    const changes = { files: [{ path: "/a", content: Buffer.from("x") }] };
    await assert.rejects(patchIso(storedAt(path), report, changes, "disc_1"), { code: "iso-damaged" });
  });
});

/** Has a record say that its file is compressed: ZF in the place of its times (zisofs specification, 2.1). */
function turnIntoZisofs(bytes: Buffer, name: string): void {
  for (let at = bytes.indexOf(`\x01\0${name}`); at !== -1; at = bytes.indexOf(`\x01\0${name}`, at + 1)) {
    const times = bytes.lastIndexOf("TF", at);
    assert.ok(at - times < 60);
    bytes.write("ZF", times, "latin1");
  }
}
