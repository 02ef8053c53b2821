import assert from "node:assert/strict";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { type Client, begin, endAll, endDiscs, serveDisc } from "./fixture.ts";
import { asModelMachine, modelMachines, type SimulatedBmc } from "./index.ts";
import { until } from "../until.ts";

const MIB = 1_048_576;

async function bootAlways({ client, url }: { client: Client; url: string }): Promise<void> {
  await client.insert(url);
  await client.override({ BootSourceOverrideEnabled: "Continuous", BootSourceOverrideTarget: "Cd" });
  await client.reset("On");
}

const bootsOf = ({ machine }: SimulatedBmc): string[] => machine.boots.map(({ from }) => from);

describe("the system on a simulated machine", () => {
  afterEach(endAll);

  it("comes back to the disc after its own reboot while the override stays, and to the disk once it is gone", async () => {
    const { bmc, client } = await begin({ machines: modelMachines({ script: [{ waitMs: 5 }, "reboot"] }) });
    const disc = await serveDisc();

    await bootAlways({ client, url: disc.url });
    await until(() => bmc.machine.boots.length >= 2);
    await client.override({ BootSourceOverrideEnabled: "Disabled" });
    await until(() => bmc.bootedFrom?.from === "disk");

    assert.deepEqual(bootsOf(bmc).slice(0, 2), ["disc", "disc"]);
    assert.equal(bmc.machine.bootState, "OSRunning");
  });

  it("reads nothing of the disc after a reboot that follows a one-time override", async () => {
    const { bmc, client } = await begin({ machines: modelMachines({ script: ["reboot"] }) });
    const disc = await serveDisc();

    await client.bootOnce(disc.url);
    await until(() => bmc.machine.boots.length === 2);

    assert.deepEqual(bootsOf(bmc), ["disc", "disk"]);
    assert.equal(disc.reads.filter((read) => read === "GET bytes=32768-34815").length, 1);
  });

  it("hangs in the middle of the disc", async () => {
    const { bmc, client } = await begin({ machines: modelMachines({ hangsAfterBytes: MIB / 2 }) });
    const disc = await serveDisc(makeTinyIso({ sizeBytes: 2 * MIB }));

    await client.bootOnce(disc.url);
    await until(() => disc.reads.at(-1) === "GET bytes=262144-524287");
    const reads = disc.reads.length;
    await new Promise((resolve) => setTimeout(resolve, 20));

    assert.equal(disc.reads.length, reads);
    assert.deepEqual([bmc.power, bmc.machine.bootState], ["On", "OSBootStarted"]);
  });

  it("waits for a disc whose server is away, where it is patient", async () => {
    const { bmc, client } = await begin({ machines: modelMachines({ patienceMs: 5_000 }) });
    const gone = await serveDisc();
    await endDiscs();

    await client.bootOnce(gone.url);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(bootsOf(bmc), []);
    await serveDisc(makeTinyIso(), Number(new URL(gone.url).port));

    await until(() => bmc.bootedFrom?.from === "disc");
  });

  it("does not hear the button when it is told not to, but goes off by force", async () => {
    const { bmc, client } = await begin({ machines: modelMachines({ ignoresButton: true }) });
    await client.reset("On");

    assert.equal((await client.reset("GracefulShutdown")).status, 204);
    assert.equal(bmc.power, "On");
    await client.reset("ForceOff");
    assert.equal(bmc.power, "Off");
  });

  it("learns another behaviour while the lab runs, for its next boot", async () => {
    const { bmc, client } = await begin();
    const disc = await serveDisc();

    asModelMachine(bmc.machine).behave({ script: ["power-off"] });
    await client.bootOnce(disc.url);
    await until(() => bmc.bootedFrom !== null && bmc.power === "Off");

    assert.throws(
      () => asModelMachine(bmc.machine).behave({ sript: [] } as never),
      /no model machine has sript/,
    );
  });

  it("says what became of a call-back that nobody took", async () => {
    const script = [{ callBack: "http://127.0.0.1:1/c/secret" }, "power-off"] as const;
    const { bmc, client } = await begin({ machines: modelMachines({ script }) });
    const disc = await serveDisc();

    await client.bootOnce(disc.url);
    await until(() => bmc.lastError !== null);

    assert.match(bmc.lastError ?? "", /ECONNREFUSED/);
    assert.equal(bmc.power, "On");
  });
});
