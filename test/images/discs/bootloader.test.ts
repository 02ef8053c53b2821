import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  createBootloaders,
  findBootloader,
  ImageError,
  type LocalImageStore,
} from "../../../src/images/index.ts";
import { makePlace, type Place } from "../store-fixture.ts";
import { run, text } from "./bytes.ts";
import { needProgram } from "../../need-program.ts";
import { writeFat } from "../../../src/images/fat/write.ts";
import { bytesOfContent } from "../../../src/images/content.ts";

const DEBIAN = {
  shim: "usr/lib/shim/shimx64.efi.signed",
  grub: "usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed",
};
const RHEL = { shim: "boot/efi/EFI/redhat/shimx64.efi", grub: "boot/efi/EFI/redhat/gcdx64.efi" };

describe("a boot loader", () => {
  let place: Place;
  let store: LocalImageStore;
  let root: string;

  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
    root = mkdtempSync(join(tmpdir(), "trayload-boot-"));
  });
  afterEach(async () => {
    await place.end();
    rmSync(root, { recursive: true });
  });

  function install(files: Record<string, string>, folder = root): void {
    for (const [name, path] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${name} ${path} `.repeat(2000));
    }
  }
  const esp = (path: string): string => {
    const file = join(root, "esp.img");
    writeFileSync(file, bytesOfContent(writeFat("ESP", [{ path, content: text("loader") }])));
    return file;
  };

  for (const [distribution, files] of Object.entries({ Debian: DEBIAN, RHEL }))
    it(`is found by itself where ${distribution} keeps it`, async () => {
      install(files);
      const { efi } = await findBootloader("x86_64", {}, root);

      assert.deepEqual(efi, {
        kind: "files",
        shim: join(root, files.shim),
        grub: join(root, files.grub),
        mokManager: null,
      });
    });

  it("that the operator names goes before the system's", async () => {
    install(DEBIAN);
    const own = join(root, "own");
    install({ shim: "shimx64.efi", grub: "grubx64.efi" }, own);
    const { efi } = await findBootloader("x86_64", { x86_64: own }, root);

    assert.ok(
      efi.kind === "files" && efi.shim === join(own, "shimx64.efi") && efi.grub === join(own, "grubx64.efi"),
    );
  });

  const missing: [string, () => { x86_64?: string; aarch64?: string }, "x86_64" | "aarch64", RegExp][] = [
    [
      "what to install",
      () => ({}),
      "x86_64",
      /apt-get install shim-signed grub-efi-amd64-signed.*dnf install/,
    ],
    [
      "how to get that of another architecture",
      () => ({}),
      "aarch64",
      /shim-signed(:arm64)? grub-efi-arm64-signed/,
    ],
    [
      "that what the operator named is not there",
      () => ({ x86_64: "/no/such" }),
      "x86_64",
      /TRAYLOAD_BOOTLOADER_X86_64/,
    ],
  ];
  for (const [what, settings, arch, hint] of missing)
    it(`that is missing says ${what}`, async () => {
      const error = await findBootloader(arch, settings(), root).catch((reason: unknown) => reason);

      assert.ok(error instanceof ImageError);
      assert.equal(error.code, "bootloader-not-found");
      assert.match(error.hint ?? "", hint);
    });

  it("is put into the store once for all discs, the same bytes from any machine", async () => {
    install(DEBIAN);
    const bootloaders = createBootloaders({ store, settings: {}, root });
    const one = await bootloaders.prepare("x86_64", "dep_1");
    const two = await bootloaders.prepare("x86_64", "dep_2");
    const elsewhere = await createBootloaders({ store, settings: {}, root }).prepare("x86_64", "dep_3");

    assert.deepEqual([two.efi, elsewhere.efi], [one.efi, one.efi]);
    assert.deepEqual((await store.holders()).toSorted(), ["dep_1", "dep_2", "dep_3"]);
    assert.deepEqual(await place.files(), [one.efi.image.digest.replace("sha256:", "")]);
  });

  it("is made anew when its files change", async () => {
    install(DEBIAN);
    const bootloaders = createBootloaders({ store, settings: {}, root });
    const before = await bootloaders.prepare("x86_64", "dep_1");
    writeFileSync(join(root, DEBIAN.grub), "a newer GRUB");
    const after = await bootloaders.prepare("x86_64", "dep_1");

    assert.notEqual(after.efi.image.digest, before.efi.image.digest);
  });

  it("holds shim and GRUB by the names that firmware and shim look for", async function () {
    needProgram(this, "7z", "p7zip-full");
    install({ ...DEBIAN, mok: "usr/lib/shim/mmx64.efi.signed" });
    const { efi } = await createBootloaders({ store, settings: {}, root }).prepare("x86_64", "dep_1");
    run("7z", ["x", `-o${join(root, "out")}`, efi.image.path]);

    const inside = (name: string): string => readFileSync(join(root, "out/EFI/BOOT", name), "utf8");
    assert.match(inside("BOOTX64.EFI"), /^shim /);
    assert.match(inside("grubx64.efi"), /^grub /);
    assert.match(inside("mmx64.efi"), /^mok /);
    assert.match(inside("grub.cfg"), /configfile \/boot\/grub\/grub\.cfg/);
    assert.equal(efi.isOurs, true);
  });

  it("is made again by a process that lacks it, and only where it is the very same", async () => {
    install(DEBIAN);
    const { efi } = await createBootloaders({ store, settings: {}, root }).prepare("x86_64", "dep_1");
    const other = await makePlace();
    const otherStore = other.open();
    const bootloaders = createBootloaders({ store: otherStore, settings: {}, root });
    try {
      assert.equal(await bootloaders.restore(efi.image.digest, "dep_1"), true);
      assert.equal((await otherStore.find(efi.image.digest))?.sizeBytes, efi.image.sizeBytes);
      assert.equal(await bootloaders.restore(`sha256:${"0".repeat(64)}`, "dep_1"), false);
    } finally {
      await other.end();
    }
  });

  it("may be a whole ESP image, of the operator or of a request", async () => {
    const path = esp("/EFI/BOOT/BOOTX64.EFI");
    const bootloaders = createBootloaders({ store, settings: { x86_64: path }, root });
    const { efi } = await bootloaders.prepare("x86_64", "dep_1");
    assert.ok(readFileSync(efi.image.path).equals(readFileSync(path)));

    const brought = await createBootloaders({ store, settings: {}, root }).prepare(
      "x86_64",
      "dep_2",
      efi.image,
    );
    assert.deepEqual(brought.efi, { image: efi.image, isOurs: false });
  });

  it("is refused as an ESP image without what UEFI starts on that architecture", async () => {
    const bootloaders = createBootloaders({
      store,
      settings: { x86_64: esp("/EFI/BOOT/BOOTAA64.EFI") },
      root,
    });

    await assert.rejects(bootloaders.prepare("x86_64", "dep_1"), { code: "image-not-bootable" });
    writeFileSync(join(root, "esp.img"), "no file system");
    await assert.rejects(bootloaders.prepare("x86_64", "dep_1"), { code: "image-not-bootable" });
  });

  it("for BIOS is made of GRUB's parts, the same bytes each time", async function () {
    needProgram(this, "grub-mkimage", "grub-common");
    install(DEBIAN);
    const settings = { x86_64: root };
    const { bios } = await createBootloaders({ store, settings, root: "/" }).prepare("x86_64", "dep_1");
    if (bios instanceof ImageError) return this.skip();
    const again = await createBootloaders({ store, settings, root: "/" }).prepare("x86_64", "dep_1");

    assert.deepEqual(again.bios, bios);
    assert.ok(bios.image.sizeBytes > 30_000);
  });

  it("for BIOS may be missing, and the reason is kept for machines that need it", async () => {
    install(DEBIAN);
    const { bios } = await createBootloaders({ store, settings: {}, root }).prepare("x86_64", "dep_1");

    assert.ok(bios instanceof ImageError);
    assert.equal(bios.code, "bootloader-not-found");
  });
});
