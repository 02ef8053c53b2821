import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type Bootloaders,
  type ComposeInput,
  composeDisc,
  createBootloaders,
  createDiscServer,
  type Disc,
  type LocalImageStore,
  type StoredImage,
} from "../../src/images/index.ts";
import {
  createQemuMachine,
  type QemuMachine,
  type QemuMachineOptions,
} from "../bmc-simulator/qemu-machine.ts";
import { fetched, makePlace, type Place } from "../images/store-fixture.ts";
import { getDebianInstaller, getPackages, SIGNED_BOOTLOADER } from "../media/packages.ts";
import { makePayloadParts } from "../media/payload-iso.ts";
import { needRealMachines } from "./needs.ts";
import { SERIAL_MS } from "./patience.ts";

const HOLDER = "dep_1";

describe("a composed disc", () => {
  let place: Place;
  let store: LocalImageStore;
  let bootloaders: Bootloaders;
  let kernel: StoredImage;
  let ramdisk: StoredImage;
  let server: Server;
  /** By the names under which they are served. */
  let served: Record<string, Disc>;
  let machine: QemuMachine;

  before(async function () {
    needRealMachines(this);
    const parts = await makePayloadParts();
    const x86_64 = await getPackages("bootloader", SIGNED_BOOTLOADER);
    place = await makePlace();
    store = place.open({ capBytes: 1024 ** 3, allow: ["/"] });
    bootloaders = createBootloaders({ store, settings: { x86_64 } });
    kernel = await stored(parts.kernel);
    ramdisk = await stored(parts.initramfs);
    const discs = createDiscServer(async (digest) => (await store.find(digest))?.path);
    server = createServer((request, response) => {
      void discs.serve(request, response, served[request.url!]!, () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    await place?.end();
  });
  beforeEach(() => (served = {}));
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(machine?.lastError, machine?.serial.slice(-3000));
    await machine?.close();
  });

  const stored = (path: string) => fetched(store, { url: `file://${path}`, checksum: null }, HOLDER);
  const greeting = (text: string) => [{ path: "/node/greeting", content: Buffer.from(text) }];
  /** Serves a disc. @returns its URL */
  async function serve(name: string, input: Partial<ComposeInput>): Promise<string> {
    const bootloader = await bootloaders.prepare("x86_64", HOLDER);
    const kernelArgs = `console=ttyS0,115200n8 quiet random.trust_cpu=on ${input.kernelArgs ?? ""}`;
    const disc = composeDisc({ kernel, ramdisk, bootloader, ...input, kernelArgs });
    served[`/${name}.iso`] = { ...disc, id: `disc_${name}` };
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}.iso`;
  }
  function start(
    disc: string | null,
    mode: "uefi" | "bios",
    options: Partial<QemuMachineOptions> = {},
  ): void {
    machine = createQemuMachine({ name: "compose-suite", ...options });
    machine.powerOn({ disc, from: "disc", mode });
  }

  const firmwares = [
    ["UEFI with Secure Boot on", "uefi", true],
    ["UEFI without Secure Boot", "uefi", false],
    ["BIOS", "bios", false],
  ] as const;
  for (const [name, mode, secureBoot] of firmwares)
    it(`starts Debian's signed kernel by ${name}, with the node's arguments and files`, async () => {
      const args = 'trayload.marker=COMPOSED trayload.show=/node/greeting trayload.odd="a $b; reboot # {c}"';
      const disc = await serve("boot", {
        kernelArgs: args,
        files: greeting("only for node 7"),
        ramdiskFiles: greeting("and in its ramdisk"),
      });
      start(disc, mode, { secureBoot });

      const serial = await machine.waitForSerial(/PAYLOAD-ON-DISC .*\r?\n/, SERIAL_MS);

      assert.match(serial, new RegExp(`COMPOSED firmware=${mode} `));
      assert.match(serial, /"trayload\.odd=a \$b; reboot # \{c\}"/);
      assert.match(serial, /PAYLOAD-ON-DISC only for node 7\r?\n/);
      assert.match(serial, /PAYLOAD-IN-RAMDISK and in its ramdisk\r?\n/);
      assert.match(serial, new RegExp(`PAYLOAD-SECURE-BOOT ${secureBoot ? 1 : 0}\\r?\\n`));
    });

  for (const mode of ["uefi", "bios"] as const)
    it(`starts by ${mode} where a BMC shows it as a disk`, async () => {
      const url = await serve("stick", { kernelArgs: "trayload.marker=COMPOSED" });
      start(null, mode, { beside: { url, as: "usb-disk", isBooted: true } });

      await machine.waitForSerial(new RegExp(`COMPOSED firmware=${mode} `), SERIAL_MS);
    });

  it("is the one that starts, though an older disc of ours was left in another drive", async () => {
    const url = await serve("older", { kernelArgs: "trayload.marker=OLDER" });
    const disc = await serve("boot", { kernelArgs: "trayload.marker=COMPOSED" });
    start(disc, "uefi", { beside: { url, as: "cd", isBooted: false } });

    const serial = await machine.waitForSerial(/(COMPOSED|OLDER) firmware=uefi/, SERIAL_MS);

    assert.match(serial, /COMPOSED firmware=uefi/);
  });

  it("starts Debian's installer, which reads the preseed file that its node was given", async () => {
    const installer = await getDebianInstaller();
    const preseed = "d-i preseed/early_command string echo PRESEED-OF-NODE-7 >/dev/console; poweroff -f\n";
    const disc = await serve("boot", {
      kernel: await stored(installer.kernel),
      ramdisk: await stored(installer.ramdisk),
      kernelArgs: "auto=true priority=critical DEBIAN_FRONTEND=text",
      ramdiskFiles: [{ path: "/preseed.cfg", content: Buffer.from(preseed) }],
    });
    start(disc, "uefi", { secureBoot: true });

    await machine.waitForSerial(/PRESEED-OF-NODE-7\r?\n/, SERIAL_MS);
  });
});
