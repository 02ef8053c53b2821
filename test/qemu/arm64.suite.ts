import assert from "node:assert/strict";
import { copyFileSync, existsSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { composeDisc, createBootloaders, type LocalImageStore } from "../../src/images/index.ts";
import { findProgram, startChild } from "../bmc-simulator/qemu/children.ts";
import { bytesOf } from "../images/discs/bytes.ts";
import { fetched, makePlace, type Place } from "../images/store-fixture.ts";
import { getForeignPackages } from "../media/packages.ts";
import { makeInitramfs } from "../media/payload-iso.ts";
import { needRealMachines } from "./needs.ts";
import { SERIAL_MS } from "./patience.ts";

const QEMU = "qemu-system-aarch64";
const FIRMWARE = "/usr/share/AAVMF";
const PACKAGES = ["shim-signed", "grub-efi-arm64-signed", "busybox-static"];
const KERNEL = { of: "linux-image-cloud-arm64", begins: "linux-image-" };
const HOLDER = "dep_1";

describe("a disc composed for arm64", () => {
  let place: Place;
  let store: LocalImageStore;
  let root: string;

  before(async function () {
    needRealMachines(this);
    const missing = [
      ...(findProgram(QEMU) === null ? ["qemu-system-arm"] : []),
      ...(existsSync(`${FIRMWARE}/AAVMF_CODE.ms.fd`) ? [] : ["qemu-efi-aarch64"]),
    ];
    if (missing.length > 0) {
      const remedy = `apt-get install --no-install-recommends ${missing.join(" ")}`;
      if (process.env["CI"] === "true") throw new Error(`arm64 machines cannot be started; ${remedy}`);
      console.warn(`    skipped, as arm64 machines cannot be started here: ${remedy}`);
      return this.skip();
    }
    root = await getForeignPackages("arm64", "arm64", PACKAGES, KERNEL);
    place = await makePlace();
    store = place.open({ capBytes: 1024 ** 3, allow: ["/"] });
  });
  after(() => place?.end());

  /** The disc as a file, and what is on it. */
  async function compose(): Promise<string> {
    const stored = (path: string) => fetched(store, { url: `file://${path}`, checksum: null }, HOLDER);
    const noModules = join(place.folder, "kernel");
    mkdirSync(join(noModules, "modules"), { recursive: true });
    writeFileSync(join(noModules, "modules/order"), "");
    const kernel = await stored(globSync(join(root, "boot/vmlinuz-*"))[0]!);
    const ramdisk = await stored(await makeInitramfs(noModules, join(root, "bin/busybox")));
    const bootloader = await createBootloaders({ store, settings: { aarch64: root } }).prepare(
      "aarch64",
      HOLDER,
    );
    const disc = composeDisc({
      kernel,
      ramdisk,
      bootloader,
      kernelArgs: "console=ttyAMA0 quiet trayload.marker=COMPOSED trayload.show=/node/greeting",
      ramdiskFiles: [{ path: "/node/greeting", content: Buffer.from("only for node 7") }],
    });
    const parts = [kernel, ramdisk, bootloader.efi.image];
    const path = join(place.folder, "disc.iso");
    writeFileSync(
      path,
      bytesOf(disc.extents, (digest) => parts.find((part) => part.digest === digest)!.path),
    );
    return path;
  }

  /** Boots a disc with Secure Boot on. @returns the serial text once it matches, or all of it when the machine is late */
  async function boot(iso: string, pattern: RegExp): Promise<string> {
    const variables = join(place.folder, "variables.fd");
    copyFileSync(`${FIRMWARE}/AAVMF_VARS.ms.fd`, variables);
    const args = [
      ["-machine", "virt,accel=tcg", "-cpu", "cortex-a57", "-m", "768", "-nodefaults", "-display", "none"],
      ["-serial", "stdio", "-no-reboot", "-device", "virtio-scsi-pci"],
      ["-drive", `if=pflash,format=raw,readonly=on,file=${FIRMWARE}/AAVMF_CODE.ms.fd`],
      ["-drive", `if=pflash,format=raw,file=${variables}`],
      ["-drive", `if=none,id=cd,media=cdrom,format=raw,readonly=on,file=${iso}`],
      ["-device", "scsi-cd,drive=cd,bootindex=1"],
    ];
    const child = startChild(findProgram(QEMU)!, args.flat());
    const { promise, resolve } = Promise.withResolvers<string>();
    let serial = "";
    const look = (chunk: Buffer): void => {
      serial += chunk.toString("latin1");
      if (pattern.test(serial)) resolve(serial);
    };
    child.stdout!.on("data", look);
    child.stderr!.on("data", look);
    const gone = new Promise<void>((done) => child.once("close", () => done()));
    const timer = setTimeout(() => resolve(serial), SERIAL_MS);
    void gone.then(() => resolve(serial));
    const said = await promise;
    clearTimeout(timer);
    child.kill("SIGKILL");
    await gone;
    return said;
  }

  it("starts Debian's signed kernel by UEFI with Secure Boot on, with the node's arguments and files", async () => {
    const serial = await boot(await compose(), /PAYLOAD-ON-DISC/);

    assert.match(serial, /COMPOSED firmware=uefi .*console=ttyAMA0/);
    assert.match(serial, /PAYLOAD-SECURE-BOOT 1\r?\n/);
    assert.match(serial, /PAYLOAD-IN-RAMDISK only for node 7\r?\n/);
  });
});
