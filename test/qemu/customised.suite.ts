import assert from "node:assert/strict";
import { DEFAULT_TIMING } from "../../src/deploy/index.ts";
import { createQemuMachine, type QemuMachine } from "../bmc-simulator/qemu-machine.ts";
import { type Product, startProduct } from "../product/fixture.ts";
import { FAMILIES } from "./families.ts";
import { makeFamilyIso } from "./family-isos.ts";
import { type Host, startHost } from "./host.ts";
import { needRealMachines } from "./needs.ts";

/** What stands on the disc of this node alone; the guest reads the installer's own file to the serial line. */
const CASES = [
  { family: "debian12", path: "/preseed.cfg", userData: "d-i only/for string node-7" },
  { family: "rhel9", path: "/ks.cfg", userData: "text # only for node 7" },
] as const;

const SERIAL_MS = 60_000;

describe("a ready-made ISO with something of the node's own, on a real machine", () => {
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
    product = await startProduct({ machines, timing: DEFAULT_TIMING });
    assert.equal((await product.addNode()).status, 201);
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.error(machine.lastError, machine.serial.slice(-2000));
    await product.stop();
    await host.close();
  });

  for (const { family, path, userData } of CASES)
    for (const bootMode of ["bios", "uefi"] as const)
      it(`boots in the layout of ${family} by ${bootMode}, reads its document and calls back by a path of ours`, async () => {
        files["/boot.iso"] = await makeFamilyIso(FAMILIES.find(({ name }) => name === family)!);
        const { body } = await product.submit({
          boot: { iso: { url: `${host.origin}/boot.iso` } },
          kernelArgs: { append: `trayload.node=seven trayload.show=${path}`, remove: "random.trust_cpu" },
          userData,
          bootMode,
          finish: "callback",
          // It is still to be read when the call-back comes.
          eject: "never",
          timeoutMs: 200_000,
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
});
