import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { begin, endAll, serveDisc } from "./fixture.ts";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { asModelMachine, modelMachines, profileNamed } from "./index.ts";
import { until } from "../until.ts";

describe("a simulated machine", () => {
  afterEach(endAll);

  it("boots from the inserted disc by reading it in ranges, then reads on", async () => {
    const { bmc, client } = await begin();
    const disc = await serveDisc(makeTinyIso({ label: "INSTALLER", sizeBytes: 2_097_152 }));

    await client.bootOnce(disc.url);
    await until(() => bmc.machine.bootState === "OSRunning");

    assert.equal(bmc.power, "On");
    assert.deepEqual(
      { ...bmc.bootedFrom, at: 0 },
      { from: "disc", url: disc.url, volumeLabel: "INSTALLER", at: 0 },
    );
    assert.deepEqual(disc.reads, [
      "GET bytes=32768-34815",
      "GET bytes=34816-36863",
      "GET bytes=38912-40959",
      "GET bytes=49152-81919",
      ...[0, 1, 2, 3].map((block) => `GET bytes=${block * 262_144}-${(block + 1) * 262_144 - 1}`),
      "GET bytes=1048576-1259519",
    ]);
  });

  it("uses up a one-time override by the very boot that it causes", async () => {
    const { bmc, client } = await begin();
    const disc = await serveDisc();

    await client.bootOnce(disc.url);
    assert.equal(bmc.override.enabled, "Disabled");
    await until(() => bmc.machine.boots.length === 1);
    await client.reset("ForceRestart");
    await until(() => bmc.machine.boots.length === 2);

    assert.deepEqual(
      bmc.machine.boots.map(({ from }) => from),
      ["disc", "disk"],
    );
  });

  it("boots from the disc again and again under a continuous override", async () => {
    const { bmc, client } = await begin();
    const disc = await serveDisc();
    await client.insert(disc.url);
    await client.override({ BootSourceOverrideEnabled: "Continuous", BootSourceOverrideTarget: "Cd" });

    await client.reset("On");
    await until(() => bmc.machine.bootState === "OSRunning");
    asModelMachine(bmc.machine).rebootItself();
    await until(() => bmc.machine.boots.length === 2);

    assert.deepEqual(
      bmc.machine.boots.map(({ from }) => from),
      ["disc", "disc"],
    );
  });

  it("ignores an override of which only the target was set", async () => {
    const { bmc, client } = await begin();
    await client.override({ BootSourceOverrideTarget: "Cd" });

    await client.reset("On");
    await until(() => bmc.machine.boots.length === 1);

    assert.equal(bmc.bootedFrom?.from, "disk");
  });

  for (const [what, content, reason] of [
    ["no ISO 9660", Buffer.alloc(65_536), /no primary volume descriptor/],
    ["no boot image for its firmware", makeTinyIso({ modes: ["bios"] }), /no bootable entry for UEFI/],
  ] as const)
    it(`sits on with nothing booted when the disc has ${what}`, async () => {
      const { bmc, client } = await begin();
      const disc = await serveDisc(content);

      await client.bootOnce(disc.url);
      await until(() => bmc.lastError !== null);

      assert.equal(bmc.power, "On");
      assert.equal(bmc.bootedFrom?.from, "nothing");
      assert.match(bmc.lastError ?? "", reason);
    });

  it("finds the BIOS image of a disc that has both", async () => {
    const { bmc, client } = await begin();
    const disc = await serveDisc(makeTinyIso());
    await client.override({ BootSourceOverrideMode: "Legacy" });

    await client.bootOnce(disc.url);
    await until(() => bmc.machine.boots.length === 1);

    assert.equal(bmc.bootedFrom?.from, "disc");
  });

  it("runs its script: calls back, then switches itself off", async () => {
    const calls: string[] = [];
    const hook = createServer((request, response) => {
      calls.push(`${request.method} ${request.url}`);
      response.writeHead(204).end();
    });
    await new Promise<void>((ready) => hook.listen(0, "127.0.0.1", ready));
    const callBack = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/c/secret`;
    const { bmc, client } = await begin({ machines: modelMachines({ script: [{ callBack }, "power-off"] }) });
    const disc = await serveDisc();

    await client.bootOnce(disc.url);
    await until(() => bmc.power === "Off");
    hook.close();

    assert.deepEqual(calls, ["POST /c/secret"]);
  });

  it("loses its disc when it is ejected under it", async () => {
    const { bmc, client } = await begin({ machines: modelMachines({ rangeBytes: 2048, readPauseMs: 1 }) });
    const disc = await serveDisc();
    await client.bootOnce(disc.url);
    await until(() => bmc.bootedFrom !== null);

    await client.eject();

    await until(() => bmc.lastError !== null);
    assert.match(bmc.lastError ?? "", /taken out/);
  });

  it("restarts gracefully through off", async () => {
    const { bmc, client } = await begin();
    await client.reset("On");

    await client.reset("GracefulRestart");
    await until(() => bmc.machine.boots.length === 2);

    assert.equal(bmc.power, "On");
  });

  it("stays off when it is told never to power on, though the BMC says yes", async () => {
    const { bmc, client } = await begin();
    bmc.neverPowersOn();

    assert.equal((await client.reset("On")).status, 204);
    assert.equal(bmc.power, "Off");
  });

  it("takes an override that does not lead to the disc for what it is", async () => {
    const generic = profileNamed("generic");
    const boot = { ...generic.boot, targets: [...generic.boot.targets, "UsbCd"], discTargets: ["UsbCd"] };
    const { bmc, client } = await begin({ profile: { ...generic, boot } });
    const disc = await serveDisc();

    await client.bootOnce(disc.url);
    await until(() => bmc.machine.boots.length === 1);

    assert.equal(bmc.bootedFrom?.from, "disk");
  });
});
