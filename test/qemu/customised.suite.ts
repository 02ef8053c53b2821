import assert from "node:assert/strict";
import { DEFAULT_TIMING } from "../../src/deploy/index.ts";
import { type Profile, PROFILES } from "../bmc-simulator/index.ts";
import type { Beside } from "../bmc-simulator/qemu/command.ts";
import {
  createQemuMachine,
  type QemuMachine,
  type QemuMachineOptions,
} from "../bmc-simulator/qemu-machine.ts";
import { getPackages, SIGNED_BOOTLOADER } from "../media/packages.ts";
import { makePayloadIso, makePayloadParts } from "../media/payload-iso.ts";
import { type Product, type ProductOptions, startProduct } from "../product/fixture.ts";
import { FAMILIES } from "./families.ts";
import { makeFamilyIso } from "./family-isos.ts";
import { type Host, startHost } from "./host.ts";
import { needRealMachines } from "./needs.ts";
import { DEPLOYMENT_MS, SERIAL_MS } from "./patience.ts";

/** What stands on the disc of this node alone; the guest reads the installer's own file to the serial line. */
const CASES = [
  { family: "debian12", path: "/preseed.cfg", userData: "d-i only/for string node-7" },
  { family: "rhel9", path: "/ks.cfg", userData: "text # only for node 7" },
] as const;

const CALLBACK_SECRET = "callback-secret-on-the-iso-itself-0002";

const { generic } = PROFILES;
/** Where a second disc goes in as the first one does. */
const TWO_CDS: Profile = {
  ...generic!,
  media: {
    ...generic!.media,
    slots: ["1", "2"].map((id) => ({
      id,
      under: "manager",
      types: ["CD", "DVD"],
      isBootable: id === "1",
    })),
  },
};

describe("a disc with something of the node's own, on a real machine", () => {
  const files: Record<string, string> = {};
  let host: Host;
  let product: Product;
  let machine: QemuMachine;

  before(function () {
    needRealMachines(this);
  });
  beforeEach(async () => {
    host = await startHost(files);
  });
  async function start(options: ProductOptions = {}, machineOptions: Partial<QemuMachineOptions> = {}) {
    const machines = (name: string): QemuMachine => {
      // Its options are read anew at each power on.
      machine = createQemuMachine(
        Object.defineProperties({ name }, Object.getOwnPropertyDescriptors(machineOptions)),
      );
      return machine;
    };
    product = await startProduct({ machines, timing: DEFAULT_TIMING, ...options });
    assert.equal((await product.addNode()).status, 201);
  }
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(machine.lastError, machine.serial.slice(-2000));
    await product.stop();
    await host.close();
  });

  for (const { family, path, userData } of CASES)
    for (const bootMode of ["bios", "uefi"] as const)
      it(`boots in the layout of ${family} by ${bootMode}, reads its document and calls back by a path of ours`, async () => {
        await start();
        files["/boot.iso"] = await makeFamilyIso(FAMILIES.find(({ name }) => name === family)!);
        const { body } = await product.submit({
          boot: { iso: { url: `${host.origin}/boot.iso` } },
          kernelArgs: { append: `trayload.node=seven trayload.show=${path}`, remove: "random.trust_cpu" },
          userData,
          bootMode,
          finish: "callback",
          // It is still to be read when the call-back comes.
          eject: "never",
          timeoutMs: DEPLOYMENT_MS,
        });
        const ended = await product.end(body.id);

        assert.equal(ended.state, "succeeded", JSON.stringify(ended.error ?? ended));
        assert.equal(
          ended.evidence.find(({ what }: { what: string }) => what === "callback").strength,
          "strong",
        );
        const [line = ""] = machine.serial.split("\n").filter((one) => one.includes("FAMILY firmware="));
        assert.match(line, new RegExp(`firmware=${bootMode} .*trayload\\.node=seven`));
        assert.doesNotMatch(line, /random\.trust_cpu|rd\.live\.check/);
        assert.match(line, new RegExp(`trayload\\.callback=${product.trayload.provisionUrl}/c/`));
        await machine.waitForSerial(new RegExp(`PAYLOAD-ON-DISC ${userData}\\r?\\n`), SERIAL_MS);
      });

  for (const bootMode of ["bios", "uefi"] as const)
    it(`boots by ${bootMode} as it is, with a second disc beside it that only this node was given`, async () => {
      await start(
        { profile: TWO_CDS },
        {
          get beside(): Beside {
            return { url: product.bmc.slot("2").image!, as: "cd", isBooted: false };
          },
        },
      );
      const port = new URL(product.trayload.provisionUrl!).port;
      files["/boot.iso"] = await makePayloadIso({
        marker: "UNTOUCHED",
        action: "stay",
        callBack: `http://10.0.2.2:${port}/c/${CALLBACK_SECRET}`,
        kernelArgs: ["trayload.show=/openstack/latest/user_data"],
      });
      const { body } = await product.submit({
        boot: { iso: { url: `${host.origin}/boot.iso` } },
        userData: "#!/bin/sh # only for node 7",
        ownVia: "second-disc",
        bootMode,
        callbackSecret: CALLBACK_SECRET,
        eject: "never",
        timeoutMs: DEPLOYMENT_MS,
      });
      const ended = await product.end(body.id);

      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error ?? ended));
      // The first drive that the guest finds is the one that the second disc is in.
      await machine.waitForSerial(/PAYLOAD-ON-DISC #!\/bin\/sh # only for node 7\r?\n/, SERIAL_MS);
      assert.match(machine.serial, new RegExp(`UNTOUCHED firmware=${bootMode} `));
    });

  it("boots composed with Secure Boot on, with its node's files on the disc and in the ramdisk", async () => {
    await start(
      { settings: { BOOTLOADER_X86_64: await getPackages("bootloader", SIGNED_BOOTLOADER) } },
      { secureBoot: true },
    );
    const parts = await makePayloadParts();
    Object.assign(files, { "/vmlinuz": parts.kernel, "/initramfs": parts.initramfs });
    const contentBase64 = btoa("only for node 7");
    const { body } = await product.submit({
      boot: { kernel: { url: `${host.origin}/vmlinuz` }, ramdisk: { url: `${host.origin}/initramfs` } },
      kernelArgs:
        "console=ttyS0,115200n8 quiet random.trust_cpu=on trayload.marker=SIGNED trayload.action=stay trayload.show=/node/name",
      files: [
        { path: "/node/name", contentBase64 },
        { path: "/node/name", contentBase64, inRamdisk: true },
      ],
      bootMode: "uefi",
      finish: "callback",
      eject: "never",
      timeoutMs: DEPLOYMENT_MS,
    });
    const ended = await product.end(body.id);

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error ?? ended));
    await machine.waitForSerial(/PAYLOAD-ON-DISC only for node 7\r?\n/, SERIAL_MS);
    assert.match(machine.serial, /SIGNED firmware=uefi /);
    assert.match(machine.serial, /PAYLOAD-SECURE-BOOT 1\r?\n/);
    assert.match(machine.serial, /PAYLOAD-IN-RAMDISK only for node 7\r?\n/);
  });
});
