import assert from "node:assert/strict";
import { createQemuMachine, type QemuMachine } from "../bmc-simulator/qemu-machine.ts";
import { DEFAULT_TIMING } from "../../src/deploy/index.ts";
import { makePayloadIso } from "../media/payload-iso.ts";
import { type Product, startProduct } from "../product/fixture.ts";
import { type Host, startHost } from "./host.ts";
import { needRealMachines } from "./needs.ts";
import { DEPLOYMENT_MS, SERIAL_MS } from "./patience.ts";

const CALLBACK_SECRET = "callback-secret-on-the-iso-itself-0001";

describe("a real machine without a drive, behind a BMC that offers UEFI HTTP boot", () => {
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
    product = await startProduct({ profile: "http-boot", machines, timing: DEFAULT_TIMING });
    assert.equal((await product.addNode()).status, 201);
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(machine.lastError, machine.serial.slice(-2000));
    await product.stop();
    await host.close();
  });

  it("fetches the disc itself, boots it from memory, and calls back", async () => {
    const { port } = new URL(product.trayload.provisionUrl!);
    const callBack = `http://10.0.2.2:${port}/c/${CALLBACK_SECRET}`;
    files["/boot.iso"] = await makePayloadIso({ marker: "FETCHED", action: "poweroff", callBack });
    const ended = await product.deploy({
      boot: { iso: { url: `${host.origin}/boot.iso` } },
      callbackSecret: CALLBACK_SECRET,
      timeoutMs: DEPLOYMENT_MS,
    });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error ?? ended));
    assert.equal(ended.clean, true);
    await machine.waitForSerial(/FETCHED/, SERIAL_MS);
    assert.deepEqual(
      machine.boots.map(({ from }) => from),
      ["http"],
    );
    const proofs = ended.evidence.map(({ what }: { what: string }) => what);
    for (const proof of ["inserted", "first-byte", "callback"]) assert.ok(proofs.includes(proof), proof);
    assert.equal(product.bmc.override.httpUri, null);
  });
});
