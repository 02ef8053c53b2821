import assert from "node:assert/strict";
import { createQemuMachine, type QemuMachine } from "../bmc-simulator/qemu-machine.ts";
import { variantOf } from "../bmc-simulator/index.ts";
import { DEFAULT_TIMING } from "../../src/deploy/index.ts";
import { makePayloadIso } from "../media/payload-iso.ts";
import { type Product, startProduct } from "../product/fixture.ts";
import { type Host, startHost } from "./host.ts";
import { needRealMachines } from "./needs.ts";
import { SERIAL_MS } from "./patience.ts";

/** What counts as a long silence here, for which half a minute is usual. */
const SILENCE_MS = 5_000;
/** How long the installer is silent. Reads are counted late when this machine pauses, which shortens what is seen of it. */
const SILENT_S = 12;

/** The CD comes first in the machine's own order, so that a disc that stays in is booted for ever. */
const CD_FIRST = variantOf("generic", { boot: { order: "disc" } });

describe("an installer that reboots itself with the CD first in order", function () {
  this.timeout(3 * SERIAL_MS);
  let host: Host;
  let product: Product;
  let machine: QemuMachine;

  before(async function () {
    needRealMachines(this);
    const kernelArgs = [`trayload.install=${SILENT_S}`];
    host = await startHost({
      "/installer.iso": await makePayloadIso({ marker: "INSTALLER", action: "reboot", kernelArgs }),
    });
  });
  beforeEach(async () => {
    const machines = (name: string) => (machine = createQemuMachine({ name }));
    const timing = { ...DEFAULT_TIMING, leftSilenceMs: SILENCE_MS };
    product = await startProduct({ profile: CD_FIRST, machines, timing });
    assert.equal((await product.addNode()).status, 201);
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(machine.lastError, machine.serial.slice(-2000));
    await product.stop();
  });
  after(() => host?.close());

  const ejects = () => product.bmc.actions.filter(({ what }) => what === "eject");

  for (const bootMode of ["bios", "uefi"])
    it(`is freed by ${bootMode}, and left alone while it only looks at its disc again`, async () => {
      const iso = { url: `${host.origin}/installer.iso` };
      // By the time of its reboot, what was to come of its look at the disc would have come.
      const atReboot = machine
        .waitForSerial(/PAYLOAD-LOOKED-AGAIN[^]*PAYLOAD-ACTION reboot/, SERIAL_MS)
        .then(() => ({ ejects: ejects().length, boots: machine.boots.length }));
      const deploying = product.deploy({ boot: { iso }, bootMode, finish: "disc-read" });
      const [ended, seen] = await Promise.all([deploying, atReboot]);
      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
      assert.equal(ended.request.eject, "on-reboot");
      assert.deepEqual(seen, { ejects: 0, boots: 1 });

      await machine.waitForSerial(/PAYLOAD-FROM-DISK/, SERIAL_MS);
      assert.equal(machine.boots.at(-1)!.from, "disk");
      assert.equal(ejects().length, 1);
      assert.equal(product.bmc.slot().image, null);
      const { body } = await product.call("GET", `/v1/nodes/${product.bmc.name}`);
      assert.equal(body.media, null);
    });
});
