import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { makeOnce } from "../media/cache.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { begin, endAll } from "../bmc-simulator/fixture.ts";
import { createQemuMachine, type QemuMachine } from "../bmc-simulator/qemu-machine.ts";
import { type Host, startHost } from "./host.ts";
import { needRealMachines } from "./needs.ts";
import { SERIAL_MS } from "./patience.ts";
import { until } from "../until.ts";

describe("a simulated BMC over a QEMU machine", () => {
  let host: Host;

  before(async function () {
    needRealMachines(this);
    const path = await makeOnce("tiny.iso", [], async (to) => writeFileSync(to, makeTinyIso()));
    host = await startHost({ "/x/tiny.iso": path });
  });
  afterEach(endAll);
  after(() => host?.close());

  it("boots the inserted disc over HTTP ranges, once, and sees the machine go", async () => {
    const machines: QemuMachine[] = [];
    const { bmc, client } = await begin({
      machines(name) {
        const machine = createQemuMachine({ name });
        machines.push(machine);
        return machine;
      },
    });
    const url = `${host.origin}/x/tiny.iso`;
    await client.override({ BootSourceOverrideMode: "Legacy" });

    await client.bootOnce(url);
    await machines[0]!.waitForSerial(/TINY-ISO/, SERIAL_MS);

    assert.deepEqual([bmc.power, bmc.bootedFrom?.from, bmc.bootedFrom?.url], ["On", "disc", url]);
    assert.equal(bmc.override.enabled, "Disabled");
    assert.ok(host.bytesRead["/x/tiny.iso"]! > 0, "the disc was not read");
    await client.reset("ForceOff");
    assert.equal(bmc.power, "Off");
    await client.reset("On");
    await machines[0]!.waitForSerial(/Booting from Hard Disk/, SERIAL_MS);
    await client.reset("ForceOff");
    await until(() => bmc.power === "Off");
  });
});
