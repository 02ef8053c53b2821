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
import { createQemuMachine, type QemuMachine } from "../bmc-simulator/qemu-machine.ts";
import { fetched, makePlace, type Place } from "../images/store-fixture.ts";
import { getPackages, SIGNED_BOOTLOADER } from "../media/packages.ts";
import { makePayloadParts } from "../media/payload-iso.ts";
import { needRealMachines } from "./needs.ts";

const BOOT_MS = 200_000;
const HOLDER = "dep_1";

describe("a composed disc", () => {
  let place: Place;
  let store: LocalImageStore;
  let bootloaders: Bootloaders;
  let kernel: StoredImage;
  let ramdisk: StoredImage;
  let server: Server;
  let disc: Disc;
  let machine: QemuMachine;

  before(async function () {
    needRealMachines(this);
    const parts = await makePayloadParts();
    const x86_64 = await getPackages("bootloader", SIGNED_BOOTLOADER);
    place = await makePlace();
    store = place.open({ capBytes: 1024 ** 3, allow: ["/"] });
    bootloaders = createBootloaders({ store, settings: { x86_64 } });
    const stored = (path: string) => fetched(store, { url: `file://${path}`, checksum: null }, HOLDER);
    kernel = await stored(parts.kernel);
    ramdisk = await stored(parts.initramfs);
    const discs = createDiscServer(async (digest) => (await store.find(digest))?.path);
    server = createServer((request, response) => {
      void discs.serve(request, response, disc, () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    await place?.end();
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(machine?.lastError, machine?.serial.slice(-3000));
    await machine?.close();
  });

  const greeting = (text: string) => [{ path: "/node/greeting", content: Buffer.from(text) }];
  async function boot(
    input: Partial<ComposeInput>,
    how: { mode: "uefi" | "bios"; secureBoot?: boolean },
  ): Promise<void> {
    const bootloader = await bootloaders.prepare("x86_64", HOLDER);
    const kernelArgs = `console=ttyS0,115200n8 quiet random.trust_cpu=on trayload.marker=COMPOSED ${input.kernelArgs ?? ""}`;
    disc = { ...composeDisc({ kernel, ramdisk, bootloader, ...input, kernelArgs }), id: "disc_1" };
    machine = createQemuMachine({ name: "compose-suite", secureBoot: how.secureBoot === true });
    const { port } = server.address() as AddressInfo;
    machine.powerOn({ disc: `http://127.0.0.1:${port}/boot.iso`, from: "disc", mode: how.mode });
  }

  const firmwares = [
    ["UEFI with Secure Boot on", { mode: "uefi", secureBoot: true }],
    ["UEFI without Secure Boot", { mode: "uefi" }],
    ["BIOS", { mode: "bios" }],
  ] as const;
  for (const [name, how] of firmwares)
    it(`starts Debian's signed kernel by ${name}, with the node's arguments and files`, async () => {
      await boot(
        {
          kernelArgs: 'trayload.show=/node/greeting trayload.odd="a $b; reboot # {c}"',
          files: greeting("only for node 7"),
          ramdiskFiles: greeting("and in its ramdisk"),
        },
        how,
      );

      const serial = await machine.waitForSerial(/PAYLOAD-ON-DISC .*\r?\n/, BOOT_MS);

      assert.match(serial, new RegExp(`COMPOSED firmware=${how.mode} `));
      assert.match(serial, /"trayload\.odd=a \$b; reboot # \{c\}"/);
      assert.match(serial, /PAYLOAD-ON-DISC only for node 7\r?\n/);
      assert.match(serial, /PAYLOAD-IN-RAMDISK and in its ramdisk\r?\n/);
      assert.match(serial, new RegExp(`PAYLOAD-SECURE-BOOT ${"secureBoot" in how ? 1 : 0}\\r?\\n`));
    });
});
