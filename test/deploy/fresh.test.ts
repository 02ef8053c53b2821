import assert from "node:assert/strict";
import { keepFresh } from "../../src/deploy/fresh.ts";
import { RedfishError } from "../../src/redfish/index.ts";
import { createStubBmc, slot } from "./stub-bmc.ts";

function start() {
  const stub = createStubBmc([slot("/cd"), slot("/dvd", { isInserted: true, image: "http://old" })]);
  const clock = { nowMs: 0 };
  return { stub, clock, bmc: keepFresh(stub.bmc, () => clock.nowMs) };
}

describe("what was just read of a BMC", () => {
  it("is not asked for again, be it from a description or a read", async () => {
    const { stub, bmc } = start();
    const description = await bmc.describe();
    assert.equal((await bmc.readState(description)).power, "off");
    assert.equal((await bmc.readSlot(description.slots[0]!)).isInserted, false);
    assertAsked(stub, { readState: 0, readSlot: 0 });
  });

  it("is asked for again after five seconds", async () => {
    const { stub, clock, bmc } = start();
    const description = await bmc.describe();
    clock.nowMs = 5_000;
    await bmc.readState(description);
    await bmc.readSlot(description.slots[0]!);
    assertAsked(stub, { readState: 1, readSlot: 1 });
  });

  it("tells how far the boot was said to be, and nothing is asked for that", async () => {
    const { stub, clock, bmc } = start();
    assert.equal(bmc.bootProgress, undefined);
    stub.state.bootProgress = "OSBootStarted";
    const description = await bmc.describe();
    stub.state.bootProgress = "OSRunning";
    assert.equal(bmc.bootProgress, "OSBootStarted");
    clock.nowMs = 5_000;
    await bmc.readState(description);
    assert.equal(bmc.bootProgress, "OSRunning");
    assertAsked(stub, { readState: 1, readSlot: 0 });
  });

  it("is no proof of what was done since", async () => {
    const { stub, bmc } = start();
    const description = await bmc.describe();
    const [cd] = description.slots;
    await bmc.insertMedia(cd!, "http://new");
    assert.equal((await bmc.readSlot(cd!)).image, "http://new");
    await bmc.ejectMedia(cd!);
    assert.equal((await bmc.readSlot(cd!)).isInserted, false);
    await bmc.bootFromDisc(description, cd!, { mode: null, persistent: false });
    assert.equal((await bmc.readState(description)).override.target, "Cd");
    await bmc.setPower(description, "on");
    assert.equal((await bmc.readState(description)).power, "on");
    assertAsked(stub, { readState: 2, readSlot: 2 });
  });

  it("is no proof either when the answer was lost", async () => {
    const { stub, bmc } = start();
    const description = await bmc.describe();
    stub.bmc.setPower.onFirstCall().callsFake(async () => {
      stub.state.power = "on";
      throw new Error("cut off");
    });
    await assert.rejects(bmc.setPower(description, "on"));
    assert.equal((await bmc.readState(description)).power, "on");
  });

  it("is no proof when it was read while the BMC was at work", async () => {
    const { stub, bmc } = start();
    const description = await bmc.describe();
    stub.bmc.setPower.onFirstCall().callsFake(async () => {
      await bmc.readState(description);
      stub.state.power = "on";
    });
    await bmc.setPower(description, "on");
    assert.equal((await bmc.readState(description)).power, "on");
  });

  it("stays known when a request surely did nothing", async () => {
    const { stub, bmc } = start();
    const description = await bmc.describe();
    const busy = new RedfishError("not now", { code: "bmc-busy", retryable: true });
    stub.bmc.insertMedia.onFirstCall().rejects(busy);
    await assert.rejects(bmc.insertMedia(description.slots[0]!, "http://new"));
    await bmc.readSlot(description.slots[0]!);
    assertAsked(stub, { readSlot: 0 });
  });

  it("is asked for again by a step that waits for it, and what only others asked for is not", async () => {
    const { stub, bmc } = start();
    bmc.askedBy("open-bmc");
    const description = await bmc.describe();
    await bmc.readSlot(description.slots[0]!);
    bmc.askedBy("power-off");
    await bmc.readState(description);
    bmc.lookAnew("open-bmc");
    await bmc.readState(description);
    assertAsked(stub, { readState: 0 });
    bmc.lookAnew("power-off");
    await bmc.readState(description);
    await bmc.readSlot(description.slots[0]!);
    assertAsked(stub, { readState: 1, readSlot: 0 });
  });

  it("is kept apart where the override is a resource of its own", async () => {
    const { stub, bmc } = start();
    const { boot, ...rest } = await bmc.describe();
    const apart = { ...rest, boot: { ...boot, settingsPath: "/system/Settings" } };
    await bmc.readOverride(apart);
    await bmc.bootFromDisc(apart, apart.slots[0]!, { mode: null, persistent: false });
    await bmc.readState(apart);
    assertAsked(stub, { readState: 0, readOverride: 1 });
    assert.equal((await bmc.readOverride(apart)).target, "Cd");
    assertAsked(stub, { readOverride: 2 });
  });

  it("says after a power change only of empty slots what is in them", async () => {
    const { stub, bmc } = start();
    const description = await bmc.describe();
    await bmc.setPower(description, "force-off");
    await bmc.readSlot(description.slots[0]!);
    assertAsked(stub, { readSlot: 0 });
    await bmc.readSlot(description.slots[1]!);
    assertAsked(stub, { readSlot: 1 });
  });
});

function assertAsked(
  stub: ReturnType<typeof createStubBmc>,
  counts: { readState?: number; readSlot?: number; readOverride?: number },
) {
  for (const [verb, count] of Object.entries(counts))
    assert.equal(stub.bmc[verb as "readState"].callCount, count, verb);
}
