import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { createQemuMachine, type QemuMachine } from "../bmc-simulator/qemu-machine.ts";
import { DEFAULT_TIMING } from "../../src/deploy/index.ts";
import { makeAgentRamdisk } from "../media/agent-ramdisk.ts";
import { makeDiskImage } from "../media/disk-image.ts";
import { getPackages, SIGNED_BOOTLOADER } from "../media/packages.ts";
import { type Product, startProduct } from "../product/fixture.ts";
import { type Host, startHost } from "./host.ts";
import { needRealMachines } from "./needs.ts";
import { DEPLOYMENT_MS, SERIAL_MS } from "./patience.ts";

const CALLBACK_SECRET = "callback-secret-in-the-disk-image-0001";

/** From the request to the call-back nothing is simulated but what is inside the agent. */
describe("a real machine whose agent writes its disk", () => {
  const files: Record<string, string> = {};
  let host: Host;
  let product: Product;
  let machine: QemuMachine;
  let agentPort: number;

  before(function () {
    needRealMachines(this);
  });
  beforeEach(async () => {
    host = await startHost(files);
    agentPort = await freePort();
    const forward = { hostPort: agentPort, guestPort: 9999 };
    const machines = (name: string) => (machine = createQemuMachine({ name, forward }));
    const settings = { BOOTLOADER_X86_64: await getPackages("bootloader", SIGNED_BOOTLOADER) };
    product = await startProduct({ machines, timing: DEFAULT_TIMING, settings });
    const { kernel, ramdisk } = await makeAgentRamdisk();
    Object.assign(files, { "/agent/kernel": kernel, "/agent/ramdisk": ramdisk });
    const agent = {
      kind: "ipa",
      kernel: { url: `${host.origin}/agent/kernel` },
      ramdisk: { url: `${host.origin}/agent/ramdisk` },
      // The host reaches a guest of QEMU's user mode by a port of its own alone.
      kernelArgs: `console=ttyS0,115200n8 quiet mitigations=off ipa-advertise-host=127.0.0.1 ipa-advertise-port=${agentPort}`,
    };
    const added = await product.addNode(product.bmc, { agent, bootMode: "uefi" });
    assert.equal(added.status, 201, JSON.stringify(added.body));
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(machine.lastError, machine.serial.slice(-3000));
    await product.stop();
    await host.close();
  });

  const deploy = (request: Record<string, unknown>) =>
    product.deploy({ boot: undefined, timeoutMs: DEPLOYMENT_MS, ...request });

  it("boots what was written, which reads its config drive and calls back", async () => {
    const port = new URL(product.trayload.provisionUrl!).port;
    const path = await makeDiskImage({
      marker: "WRITTEN",
      action: "stay",
      callBack: `http://10.0.2.2:${port}/c/${CALLBACK_SECRET}`,
      kernelArgs: ["trayload.config-drive=/openstack/latest/user_data"],
    });
    files["/disk.raw"] = path;
    const checksum = `sha256:${createHash("sha256").update(readFileSync(path)).digest("hex")}`;

    const ended = await deploy({
      write: {
        image: { url: `${host.origin}/disk.raw`, checksum, format: "raw" },
      },
      userData: "FOR-THIS-NODE-ALONE",
      finish: "callback",
      callbackSecret: CALLBACK_SECRET,
    });

    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error ?? ended));
    const proofs = ended.evidence.map(({ what }: { what: string }) => what);
    assert.ok(proofs.includes("callback"), proofs.join());
    await machine.waitForSerial(/PAYLOAD-ACTION stay/, SERIAL_MS);
    assert.match(machine.serial, /WRITTEN firmware=uefi /);
    assert.match(machine.serial, /PAYLOAD-CONFIG-DRIVE FOR-THIS-NODE-ALONE/);
    assert.deepEqual(
      machine.boots.map(({ from }) => from),
      ["disc", "disk"],
    );
    assert.equal(product.bmc.slot().image, null);
    assert.equal(ended.progress.image.bytesRead, ended.progress.image.sizeBytes);
    const steps = ended.steps.map(({ name }: { name: string }) => name);
    assert.ok(steps.includes("deploy.write_image"), steps.join());
  });

  it("is left off and clean when the image is not what its checksum says, which the agent finds out", async () => {
    const path = await makeDiskImage({ marker: "NEVER", action: "stay" });
    files["/disk.raw"] = path;
    const checksum = `sha256:${"0".repeat(64)}`;
    const url = `${host.origin}/disk.raw`;

    const ended = await deploy({ write: { image: { url, checksum, format: "raw" }, from: "source" } });

    assert.equal(ended.state, "failed");
    assert.equal(ended.error.step, "deploy.write_image");
    assert.match(ended.error.message, /ImageChecksumError/);
    assert.equal(ended.clean, true);
    assert.equal(product.bmc.slot().image, null);
    assert.equal(machine.isOn, false);
  });
});

/** One that nobody has just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
