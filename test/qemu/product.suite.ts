import assert from "node:assert/strict";
import { createQemuMachine, type QemuMachine } from "../bmc-simulator/qemu-machine.ts";
import { DEFAULT_TIMING } from "../../src/deploy/index.ts";
import { DEBIAN_RESCUE_ISO, makeRescueIso, RESCUE_MARKER } from "../media/grub-iso.ts";
import { getPackages, SIGNED_BOOTLOADER } from "../media/packages.ts";
import { makePayloadIso, makePayloadParts, type Payload } from "../media/payload-iso.ts";
import { type Product, startProduct } from "../product/fixture.ts";
import { type Host, startHost } from "./host.ts";
import { needRealMachines } from "./needs.ts";
import { DEPLOYMENT_MS, SERIAL_MS } from "./patience.ts";

const CALLBACK_SECRET = "callback-secret-on-the-iso-itself-0001";

/** Where OVMF ends that found nothing to boot. */
const IN_SHELL = /starting Boot\w+ "EFI Internal Shell" from \S+\r?\n/;

describe("a real machine behind a BMC", () => {
  const files: Record<string, string> = {};
  let host: Host;
  let product: Product;
  let machine: QemuMachine;

  before(function () {
    needRealMachines(this);
  });
  beforeEach(async () => {
    host = await startHost(files);
    const machines = (name: string) => (machine = createQemuMachine({ name }));
    const settings = { BOOTLOADER_X86_64: await getPackages("bootloader", SIGNED_BOOTLOADER) };
    product = await startProduct({ machines, timing: DEFAULT_TIMING, settings });
    assert.equal((await product.addNode()).status, 201);
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(machine.lastError, machine.serial.slice(-2000));
    await product.stop();
    await host.close();
  });

  /** Deploys the ISO at this path of this machine, to be fetched over HTTP, and has it end well. */
  const deploy = async (isoPath: string, request: Record<string, unknown>) => {
    files["/boot.iso"] = isoPath;
    const iso = { url: `${host.origin}/boot.iso` };
    const ended = await product.deploy({ boot: { iso }, timeoutMs: DEPLOYMENT_MS, ...request });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error ?? ended));
    return ended;
  };
  const deployPayload = async (payload: Payload, request: Record<string, unknown>) =>
    deploy(await makePayloadIso(payload), request);
  /** Of what the deployment is sure. */
  const proofs = (ended: { evidence: { what: string; strength: string }[] }): string[] =>
    ended.evidence.filter(({ strength }) => strength === "strong").map(({ what }) => what);
  const boots = () => machine.boots.map(({ from }) => from);

  it("boots Debian's rescue disc by BIOS, and what it reads proves it", async () => {
    const ended = await deploy(DEBIAN_RESCUE_ISO, { bootMode: "bios", finish: "disc-read" });

    assert.ok(proofs(ended).includes("disc-read"), proofs(ended).join());
    await machine.waitForSerial(/GNU GRUB/, SERIAL_MS);
    assert.deepEqual(boots(), ["disc"]);
    assert.ok(machine.boots[0]!.url!.startsWith(product.trayload.provisionUrl!));
  });

  for (const [bootMode, platform] of [["bios", "pc"] as const, ["uefi", "efi"] as const])
    it(`boots a disc with both entries by ${bootMode}, and what it reads proves it`, async () => {
      const ended = await deploy(await makeRescueIso(), { bootMode, finish: "disc-read" });

      assert.ok(proofs(ended).includes("disc-read"), proofs(ended).join());
      await machine.waitForSerial(new RegExp(RESCUE_MARKER + platform), SERIAL_MS);
      assert.deepEqual(boots(), ["disc"]);
    });

  for (const bootMode of ["bios", "uefi"] as const)
    it(`boots a disc made of a kernel and a ramdisk by ${bootMode}, whose call-back path nobody had to choose`, async () => {
      const parts = await makePayloadParts();
      Object.assign(files, { "/vmlinuz": parts.kernel, "/initramfs": parts.initramfs });
      const { body } = await product.submit({
        boot: { kernel: { url: `${host.origin}/vmlinuz` }, ramdisk: { url: `${host.origin}/initramfs` } },
        kernelArgs: "console=ttyS0,115200n8 quiet trayload.marker=COMPOSED trayload.action=stay",
        files: [{ path: "/own/name.txt", contentBase64: Buffer.from("rack1-u07").toString("base64") }],
        bootMode,
        finish: "callback",
        timeoutMs: DEPLOYMENT_MS,
      });
      const ended = await product.end(body.id);

      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error ?? ended));
      assert.ok(proofs(ended).includes("callback"), proofs(ended).join());
      assert.match(machine.serial, new RegExp(`COMPOSED firmware=${bootMode}`));
      assert.equal(product.bmc.slot().image, null);
    });

  it("is not taken in by firmware that looks at a disc which it cannot boot, and can be cancelled then", async () => {
    files["/boot.iso"] = DEBIAN_RESCUE_ISO;
    const iso = { url: `${host.origin}/boot.iso` };
    const { id } = (await product.submit({ boot: { iso }, bootMode: "uefi", finish: "disc-read" })).body;
    await machine.waitForSerial(IN_SHELL, SERIAL_MS);
    assert.equal((await product.call("POST", `/v1/deployments/${id}/cancel`)).status, 202);

    const ended = await product.end(id);

    assert.equal(ended.state, "cancelled");
    assert.ok(proofs(ended).includes("first-byte") && !proofs(ended).includes("disc-read"));
    assert.equal(ended.clean, true);
    assert.equal(product.bmc.slot().image, null);
  });

  for (const bootMode of ["bios", "uefi"])
    it(`succeeds because the system that it booted by ${bootMode} called back`, async () => {
      const port = new URL(product.trayload.provisionUrl!).port;
      const callBack = `http://10.0.2.2:${port}/c/${CALLBACK_SECRET}`;

      const ended = await deployPayload(
        { marker: "HELLO", action: "stay", callBack },
        { bootMode, finish: "callback", callbackSecret: CALLBACK_SECRET },
      );

      assert.ok(proofs(ended).includes("callback"), proofs(ended).join());
      await machine.waitForSerial(/HELLO firmware=.*[^]*PAYLOAD-CALLBACK ok/, SERIAL_MS);
      assert.match(machine.serial, new RegExp(`HELLO firmware=${bootMode} `));
      assert.equal(product.bmc.slot().image, null);
      assert.equal(machine.isOn, true);
    });

  it("succeeds when its system powered itself off, and stays off where that was asked", async () => {
    const ended = await deployPayload(
      { marker: "BYE", action: "poweroff" },
      { bootMode: "bios", finish: "powered-off", power: "off" },
    );

    assert.ok(proofs(ended).includes("powered-off"), proofs(ended).join());
    assert.match(machine.serial, /BYE firmware=bios[^]*PAYLOAD-ACTION poweroff/);
    assert.equal(machine.isOn, false);
    assert.equal(product.bmc.slot().image, null);
    assert.deepEqual(boots(), ["disc"]);
  });

  it("is sent to its disk once its system powered itself off", async () => {
    await deployPayload({ marker: "BYE", action: "poweroff" }, { bootMode: "uefi", finish: "powered-off" });

    assert.equal(product.bmc.power, "On");
    // The disk is empty.
    await machine.waitForSerial(IN_SHELL, SERIAL_MS);
    assert.deepEqual(
      machine.boots.map(({ from, url }) => [from, url === null]),
      [
        ["disc", false],
        ["nothing", true],
      ],
    );
  });
});
