import assert from "node:assert/strict";
import { createRunner, createSteps, type Hint, type InboxItem } from "../../src/deploy/index.ts";
import { ImageError } from "../../src/images/index.ts";
import { RedfishError } from "../../src/redfish/index.ts";
import { beforeActing, createStubBmc, slot } from "./stub-bmc.ts";
import { bootedAt, createWorld, type World } from "./world.ts";

const SECRET = "s".repeat(32);
const MINUTE_MS = 60_000;

function refusal(facts: Partial<ConstructorParameters<typeof RedfishError>[1]> = {}): RedfishError {
  return new RedfishError("the BMC said no", { code: "bmc-rejected", retryable: false, ...facts });
}

describe("a deployment", () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());

  const types = async (id: string) => (await world.events(id)).map((event) => event.type);

  it("goes from request to proof and leaves the BMC clean", async () => {
    const { id } = await world.submit({ callbackSecret: SECRET });
    await world.look();
    let view = await world.get(id);
    assert.equal(view.step, "wait-for-finish");
    assert.equal(view.waitingOn?.what, "the installer's call-back");
    assert.deepEqual(world.stub.done, ["insert /cd", "override Cd", "power on"]);

    await world.wake(id, { kind: "callback", status: "succeeded", percent: null, message: null });
    view = await world.get(id);
    assert.equal(view.state, "succeeded");
    assert.equal(view.clean, true);
    assert.deepEqual(world.stub.done.slice(3), ["eject /cd"]);
    assert.deepEqual(
      view.evidence.map(({ what }) => what),
      ["inserted", "powered-on", "callback"],
    );
  });

  it("is left alone while it waits for its call-back, unless a silence is to be noticed", async () => {
    for (const [eject, expected] of [
      ["on-callback", 0],
      ["when-booted", 1],
    ] as const) {
      const { id } = await world.submit({ callbackSecret: SECRET, eject });
      await world.look();
      world.skip(10 * MINUTE_MS);
      assert.equal((await world.database.records.takeDue(100)).length, expected, eject);
      await world.wake(id, { kind: "callback", status: "succeeded", percent: null, message: null });
      await world.pass(MINUTE_MS);
    }
  });

  it("announces each change, durably, before it is sent", async () => {
    const { id } = await world.submit({ finish: "powered-on" });
    const announced: string[] = [];
    for (const verb of ["insertMedia", "bootFromDisc", "setPower"] as const)
      beforeActing(world.stub.bmc, verb, async () => {
        const last = (await world.events(id)).at(-1);
        announced.push(last?.type === "action-intended" ? last.action.kind : `nothing before ${verb}`);
      });
    await world.look();
    assert.deepEqual(announced, ["insert-media", "boot-override", "power-on"]);
  });

  it("ejects what another left in the slot first", async () => {
    await world.close();
    world = await createWorld(createStubBmc([slot("/cd", { isInserted: true, image: "http://old/x.iso" })]));
    world.stub.state.power = "on";
    await world.submit({ finish: "powered-on" });
    await world.look();
    assert.deepEqual(world.stub.done, [
      "power force-off",
      "eject /cd",
      "insert /cd",
      "override Cd",
      "power on",
    ]);
  });

  it("looks at every slot where a disc of ours is in one that it would not look at", async () => {
    await world.close();
    const left = slot("/other", { isInserted: true, image: "http://ours/left.iso" });
    world = await createWorld(createStubBmc([slot("/cd"), left]));
    const { stub, node } = world;
    stub.bmc.describe.callsFake(async ({ everySlot = false } = {}) => {
      const all = stub.description();
      return everySlot ? all : { ...all, slots: all.slots.slice(0, 1) };
    });
    const media = { deploymentId: "dep_before", slot: "/other", eject: "at-end", until: null, owed: "busy" };
    Object.assign(node.observed, { media });
    await world.submit({ finish: "powered-on" });
    await world.look();
    assert.deepEqual(stub.done, ["eject /other", "insert /cd", "override Cd", "power on"]);
  });

  it("touches nothing when the BMC has no slot for a disc", async () => {
    await world.close();
    world = await createWorld(createStubBmc([slot("/floppy", { takesDisc: false })]));
    const { id } = await world.submit();
    await world.look();
    const view = await world.get(id);
    assert.equal(view.error?.code, "slot-not-found");
    assert.equal(view.state, "failed");
    assert.deepEqual(world.stub.done, []);
  });

  it("waits for power that comes late, without asking twice", async () => {
    const { bmc, state } = world.stub;
    bmc.setPower.callsFake(async () => void world.stub.done.push("power on"));
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    assert.equal((await world.get(id)).waitingOn?.what, "the BMC to show power on");
    await world.pass(5_000);
    state.power = "on";
    await world.pass(5_000);
    assert.equal((await world.get(id)).state, "succeeded");
    assert.equal(world.stub.done.filter((one) => one === "power on").length, 1);
  });

  it("sees a change that comes a moment later at its very next look", async () => {
    const { bmc, state } = world.stub;
    bmc.setPower.callsFake(async () => undefined);
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    state.power = "on";
    await world.pass(300);
    assert.equal((await world.get(id)).state, "succeeded");
  });

  it("asks again for power only after the settle time, and gives up after three times", async () => {
    const { bmc } = world.stub;
    bmc.setPower.callsFake(async () => void world.stub.done.push("power on"));
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    for (let seconds = 0; seconds < 29; seconds += 1) await world.pass(1_000);
    assert.equal(bmc.setPower.callCount, 1);
    for (let seconds = 0; seconds < 120; seconds += 1) await world.pass(1_000);
    const view = await world.get(id);
    assert.equal(bmc.setPower.callCount, 3);
    assert.equal(view.error?.code, "power-not-reached");
    assert.equal(view.clean, true);
    assert.deepEqual(world.stub.done.slice(-2), ["eject /cd", "override Disabled"]);
  });

  it("tries the next slot with a disc of its own when a BMC takes an insert and does nothing", async () => {
    await world.close();
    world = await createWorld(createStubBmc([slot("/cd1"), slot("/cd2")]));
    const { bmc } = world.stub;
    const urls: string[] = [];
    beforeActing(bmc, "insertMedia", async (target, url) => {
      urls.push(url);
      return target.path === "/cd2";
    });
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    for (let seconds = 0; seconds < 40; seconds += 1) await world.pass(1_000);
    const view = await world.get(id);
    assert.equal(view.state, "succeeded");
    assert.equal(view.facts["slotPath"], "/cd2");
    assert.equal(new Set(urls).size, 2);
    assert.ok((await types(id)).includes("step-retreated"));
  });

  it("fails when the only slot does nothing, and says so", async () => {
    world.stub.bmc.insertMedia.callsFake(async () => undefined);
    const { id } = await world.submit();
    await world.look();
    for (let seconds = 0; seconds < 40; seconds += 1) await world.pass(1_000);
    const view = await world.get(id);
    assert.equal(view.error?.code, "media-not-inserted");
    assert.ok(!world.stub.done.includes("power on"));
  });

  it("retries a step whose error allows it, as an event each time", async () => {
    world.stub.bmc.describe.onFirstCall().rejects(refusal({ code: "bmc-busy", retryable: true }));
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    assert.equal((await world.get(id)).steps.find(({ name }) => name === "open-bmc")?.attempts, 2);
    await world.pass(1_000);
    assert.equal((await world.get(id)).state, "succeeded");
    assert.ok((await types(id)).includes("step-retried"));
  });

  it("fails at once for an error that no retry cures", async () => {
    world.stub.bmc.describe.rejects(refusal({ code: "bmc-access-denied" }));
    const { id } = await world.submit();
    await world.look();
    assert.equal((await world.get(id)).error?.code, "bmc-access-denied");
    assert.equal(world.stub.bmc.describe.callCount, 1);
  });

  it("is cancelled while it waits, and leaves the BMC clean", async () => {
    const { id } = await world.submit({ callbackSecret: SECRET });
    await world.look();
    await world.wake(id, { kind: "cancel", by: "me" });
    const view = await world.get(id);
    assert.deepEqual([view.state, view.clean], ["cancelled", true]);
    assert.equal(world.stub.done.at(-1), "eject /cd");
  });

  it("is cancelled before it began without a word to the BMC", async () => {
    const { id } = await world.submit();
    await world.wake(id, { kind: "cancel", by: "me" });
    assert.equal((await world.get(id)).state, "cancelled");
    assert.equal(world.stub.bmc.describe.callCount, 0);
  });

  it("fails when its whole time is over, and cleans up", async () => {
    const { id } = await world.submit({ callbackSecret: SECRET, timeoutMs: 10 * MINUTE_MS });
    await world.look();
    await world.pass(11 * MINUTE_MS);
    const view = await world.get(id);
    assert.equal(view.error?.code, "deployment-timed-out");
    assert.equal(view.clean, true);
  });

  it("succeeds by the disc's reads after power-on, and leaves the eject to a record of its own", async () => {
    const { id } = await world.submit();
    await world.look();
    await world.read(id, bootedAt(world.nowMs() + 1));
    await world.wake(id, { kind: "disc-read", discId: "", milestone: "beyond-boot-image", percent: 10 });
    const view = await world.get(id);
    assert.equal(view.state, "succeeded");
    assert.ok(!world.stub.done.includes("eject /cd"));
    assert.equal(world.node.observed.media?.eject, "on-reboot");
    const [follow] = await world.database.records.list({ kind: "operation", limit: 10 });
    assert.equal(follow?.waitingOn?.what, "the machine to come back to the disc after a reboot");

    const back = new Date(world.nowMs() + 100_000).toISOString();
    const first = new Date(world.nowMs() + 1).toISOString();
    await world.read(id, {
      ...bootedAt(world.nowMs() + 1),
      bootReads: [
        { catalogueAt: first, imageAt: first, silentBeforeMs: 0 },
        { catalogueAt: back, imageAt: back, silentBeforeMs: 60_000, isRepeat: true },
      ],
    });
    await world.wake(follow!.id, { kind: "disc-read", discId: "", milestone: "boot-again", percent: 10 });
    assert.deepEqual(world.stub.done.slice(3), ["eject /cd", "power force-off", "power on"]);
    assert.equal((await world.get(follow!.id)).state, "succeeded");
    assert.equal(world.node.observed.media, null);
  });

  it("takes reads of a disc for weak evidence that comes whole with the first of them", async () => {
    const { id } = await world.submit();
    await world.look();
    await world.read(id, bootedAt(world.nowMs() + 1));
    await world.wake(id, { kind: "disc-read", discId: "", milestone: "beyond-boot-image", percent: 100 });
    const proof = (await world.get(id)).evidence.find(({ what }) => what === "disc-read");
    assert.equal(proof?.strength, "weak");
    assert.match(proof!.how, /so small/);
  });

  it("waits as long as an image's server asks for", async () => {
    const { fetch } = world.image;
    const facts = { code: "image-unreachable", retryable: true, retryAfterMs: 90_000 } as const;
    world.image.fetch = { state: "failed", error: new ImageError("the server is busy", facts) };
    const { id } = await world.submit();
    await world.look();
    world.image.fetch = fetch;
    await world.pass(60_000);
    assert.equal((await world.get(id)).step, "publish-disc");
    await world.pass(31_000);
    assert.notEqual((await world.get(id)).step, "publish-disc");
  });

  it("believes no earlier look of its own once another process has had the record", async () => {
    const { parts, stub, image, hints } = world;
    const [here, there] = [0, 1].map(() => createRunner(parts, createSteps(parts)));
    const ready = image.fetch;
    image.fetch = { state: "fetching", bytesRead: 1, sizeBytes: 2 };
    const { id } = await world.submit({ callbackSecret: SECRET });
    await here!.look(hints.shift()!);
    image.fetch = ready;
    const woken = async (item: InboxItem) => {
      const {
        hints: [hint],
      } = (await world.database.records.wake(id, item)) as { hints: Hint[] };
      return hint!;
    };
    await there!.look(await woken({ kind: "nudge", about: "image" }));
    assert.deepEqual(stub.done, ["insert /cd", "override Cd", "power on"]);
    const verdict = { status: "succeeded", percent: null, message: null } as const;
    await here!.look(await woken({ kind: "callback", ...verdict }));
    assert.equal((await world.get(id)).state, "succeeded");
    assert.deepEqual(stub.done.slice(3), ["eject /cd"]);
  });

  it("waits for an image that is being fetched and goes on when it is nudged", async () => {
    const ready = world.image.fetch;
    world.image.fetch = { state: "fetching", bytesRead: 1, sizeBytes: 2 };
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    assert.equal((await world.get(id)).waitingOn?.what, "the image to be fetched and verified");
    assert.deepEqual(world.stub.done, []);
    world.image.fetch = ready;
    await world.wake(id, { kind: "nudge", about: "image" });
    assert.equal((await world.get(id)).state, "succeeded");
  });

  it("tells each tenth of an image that comes, as an event, and nothing between", async () => {
    const ready = world.image.fetch;
    const { id } = await world.submit({ finish: "powered-on" });
    const [sizeBytes, mib] = [400 * 2 ** 20, 2 ** 20];
    for (const bytesRead of [0, 20 * mib, 41 * mib, 79 * mib, 200 * mib]) {
      world.image.fetch = { state: "fetching", bytesRead, sizeBytes };
      await world.wake(id, { kind: "nudge", about: "image" });
    }
    world.image.fetch = ready;
    await world.wake(id, { kind: "nudge", about: "image" });
    const events = await world.events(id);
    const told = events.flatMap((event) => (event.type === "step-waiting" ? [event.next] : []));
    assert.deepEqual(told, [
      "the disc is published",
      "the disc is published; 10 % of 400 MiB have come",
      "the disc is published; 50 % of 400 MiB have come",
    ]);
  });

  it("is refused by a second one on the same node, or waits its turn", async () => {
    const first = await world.submit({ callbackSecret: SECRET });
    await world.look();
    await assert.rejects(world.submit(), { code: "node-busy", inTheWay: first.id });
    const second = await world.submit({ finish: "powered-on", whenBusy: "queue" });
    await world.look();
    assert.equal((await world.get(second.id)).state, "queued");
    await world.wake(first.id, { kind: "callback", status: "failed", percent: null, message: "disk full" });
    await world.look();
    assert.match((await world.get(first.id)).error?.message ?? "", /disk full/);
    assert.equal((await world.get(second.id)).state, "succeeded");
  });
});
