import assert from "node:assert/strict";
import sinon from "sinon";
import { type Bmc, RedfishError } from "../../src/redfish/index.ts";
import type { StubBmc } from "./stub-bmc.ts";
import { createWorld, type World } from "./world.ts";

/** Stops the process in the middle of a verb: before the BMC has acted, or after it has and before it answered. */
function freeze(stub: StubBmc, verb: "insertMedia" | "bootFromDisc" | "setPower", hasActed: boolean) {
  const act = stub.bmc[verb] as unknown as (...given: unknown[]) => Promise<void>;
  let thaw: () => void = () => undefined;
  let frozen: () => void = () => undefined;
  const isFrozen = new Promise<void>((told) => (frozen = told));
  const sleep = new Promise<void>((wake) => (thaw = wake));
  const verbs = stub.bmc as unknown as Record<string, unknown>;
  verbs[verb] = (async (...given: unknown[]) => {
    verbs[verb] = act;
    if (hasActed) await act(...given);
    frozen();
    await sleep;
  }) as Bmc[typeof verb];
  return { isFrozen, thaw };
}

const count = (world: World, what: string) => world.stub.done.filter((one) => one === what).length;

/** Lets time pass second by second, as the scheduler does. */
async function passSeconds(world: World, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) await world.pass(1_000);
}

describe("a runner that dies", () => {
  let world: World;
  afterEach(() => world.close());

  // Seconds: the request's limit and most of the time that its effect is given to show.
  for (const [verb, what, quietSeconds] of [
    ["insertMedia", "insert /cd", 310],
    ["bootFromDisc", "override Cd", 63],
    ["setPower", "power on", 85],
  ] as const)
    for (const hasActed of [false, true])
      it(`${hasActed ? "after" : "before"} the BMC did "${what}" leaves it done once`, async () => {
        world = await createWorld();
        const { isFrozen } = freeze(world.stub, verb, hasActed);
        const { id } = await world.submit({ finish: "powered-on" });
        const dead = world.look();
        await isFrozen;
        world.abandon();
        await passSeconds(world, quietSeconds);
        if (!hasActed)
          assert.equal(count(world, what), 0, "nothing is repeated while the request may be under way");
        await passSeconds(world, 400);
        assert.equal((await world.get(id)).state, "succeeded");
        assert.equal(count(world, what), 1);
        assert.equal(count(world, "override Cd"), 1, "its one-shot override was not asked for twice");
        void dead;
      });

  describe("after the BMC began a task", () => {
    const MONITOR = "/redfish/v1/TaskService/TaskMonitors/7";

    /** Dies behind the answer that named the monitor. */
    async function dieInTask(): Promise<{ id: string; given: Parameters<Bmc["insertMedia"]> }> {
      world = await createWorld(undefined, { isAlone: true });
      const verbs = world.stub.bmc as unknown as Record<string, unknown>;
      const { insertMedia } = world.stub.bmc;
      const begun = Promise.withResolvers<Parameters<Bmc["insertMedia"]>>();
      verbs["insertMedia"] = async (...given: Parameters<Bmc["insertMedia"]>) => {
        await given[2]?.onMonitor?.(MONITOR);
        verbs["insertMedia"] = insertMedia;
        begun.resolve(given);
        return new Promise(() => undefined);
      };
      const { id } = await world.submit({ finish: "powered-on" });
      void world.look();
      const given = await begun.promise;
      world.abandon();
      return { id, given };
    }

    const say = (answer: Bmc["readTask"]) =>
      void ((world.stub.bmc as unknown as Record<string, unknown>)["readTask"] = sinon.spy(answer));
    const asked = () => (world.stub.bmc.readTask as sinon.SinonSpy).args.map(([monitor]) => monitor);

    it("follows that, however long it takes, and asks for nothing twice", async () => {
      const { id, given } = await dieInTask();
      let state: "running" | "ended" = "running";
      say(async () => state);
      await passSeconds(world, 400);
      assert.equal(count(world, "insert /cd"), 0, "it was asked again while the BMC was at work on it");
      assert.match((await world.get(id)).waitingOn?.cause ?? "", /TaskMonitors\/7 is at work/);
      await world.stub.bmc.insertMedia(given[0], given[1]);
      state = "ended";
      await passSeconds(world, 10);
      assert.equal((await world.get(id)).state, "succeeded");
      assert.equal(count(world, "insert /cd"), 1);
      assert.ok(asked().every((monitor) => monitor === MONITOR));
      const kept = (await world.events(id)).find(({ type }) => type === "action-accepted");
      assert.equal(kept?.type === "action-accepted" && kept.monitor, MONITOR);
    });

    it("asks again only when the slot has had its time after a task that ended in nothing", async () => {
      const { id } = await dieInTask();
      say(async () => "ended");
      await passSeconds(world, 310);
      assert.equal(count(world, "insert /cd"), 0);
      await passSeconds(world, 20);
      assert.equal(count(world, "insert /cd"), 1);
      assert.equal((await world.get(id)).state, "succeeded");
    });

    it("fails with the task's own words", async () => {
      const { id } = await dieInTask();
      say(async () => {
        throw new RedfishError("the BMC's task 7 ended as Exception: The share is gone.", {
          code: "bmc-rejected",
          retryable: false,
        });
      });
      await passSeconds(world, 320);
      const { state, error } = await world.get(id);
      assert.equal(state, "failed");
      assert.match(error!.message, /The share is gone/);
    });
  });

  it("alone on its database is followed at once, after the settle time alone", async () => {
    world = await createWorld(undefined, { isAlone: true });
    const { isFrozen } = freeze(world.stub, "setPower", false);
    const { id } = await world.submit({ finish: "powered-on" });
    void world.look();
    await isFrozen;
    world.abandon();
    await passSeconds(world, 63 + 25);
    assert.equal(count(world, "power on"), 0, "the BMC may still be about to switch it on");
    await passSeconds(world, 15);
    assert.equal(count(world, "power on"), 1);
    assert.equal((await world.get(id)).state, "succeeded");
  });

  it("while the BMC copies the disc before it shows it leaves it inserted once", async () => {
    world = await createWorld(undefined, { isAlone: true });
    const { stub } = world;
    const { insertMedia } = stub.bmc;
    const asked = Promise.withResolvers<Parameters<Bmc["insertMedia"]>>();
    (stub.bmc as unknown as Record<string, unknown>)["insertMedia"] = (...given: never) => {
      asked.resolve(given);
      return new Promise(() => undefined);
    };
    const { id } = await world.submit({ finish: "powered-on" });
    void world.look();
    const given = await asked.promise;
    stub.bmc.insertMedia = insertMedia;
    world.abandon();
    for (let second = 0; second < 400; second += 5) {
      await world.read(id, { lastReadAt: new Date(world.nowMs()).toISOString() });
      await passSeconds(world, 5);
    }
    assert.equal(count(world, "insert /cd"), 0, "it was asked again in the midst of its copying");
    await insertMedia(...given);
    await passSeconds(world, 20);
    assert.equal((await world.get(id)).state, "succeeded");
    assert.equal(count(world, "insert /cd"), 1);
  });

  it("after the BMC has acted late is believed, though its successor was refused a second insert", async () => {
    world = await createWorld(undefined, { isAlone: true });
    const { stub } = world;
    const { insertMedia } = stub.bmc;
    const verbs = stub.bmc as unknown as Record<string, unknown>;
    const { isFrozen } = freeze(stub, "insertMedia", false);
    const { id } = await world.submit({ finish: "powered-on" });
    void world.look();
    await isFrozen;
    world.abandon();
    verbs["insertMedia"] = async (...given: Parameters<Bmc["insertMedia"]>) => {
      await insertMedia(...given);
      throw new RedfishError("media are inserted", { code: "bmc-rejected", retryable: false });
    };
    await passSeconds(world, 400);
    assert.equal((await world.get(id)).state, "succeeded");
    assert.equal(count(world, "insert /cd"), 1);
  });

  it("and sleeps between looking and asking again looks once more", async () => {
    world = await createWorld(undefined, { isAlone: true });
    const { stub } = world;
    const { setPower, readState } = stub.bmc;
    const verbs = stub.bmc as unknown as Record<string, unknown>;
    verbs["setPower"] = async () => undefined;
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    verbs["setPower"] = setPower;
    verbs["readState"] = async (...given: Parameters<Bmc["readState"]>) => {
      verbs["readState"] = readState;
      const seen = await readState(...given);
      // It comes on while we sleep.
      stub.state.power = "on";
      world.skip(60_000);
      return seen;
    };
    await passSeconds(world, 10);
    assert.equal((await world.get(id)).state, "succeeded");
    assert.equal(count(world, "power on"), 0, "it was asked again though it was on by then");
  });

  it("and comes back after its lease has no say any more", async () => {
    world = await createWorld();
    const { isFrozen, thaw } = freeze(world.stub, "setPower", true);
    const { id } = await world.submit({ finish: "powered-on" });
    const sleeper = world.look();
    await isFrozen;
    world.abandon();
    await passSeconds(world, 120);
    const before = await world.events(id);
    thaw();
    await sleeper;
    assert.deepEqual(await world.events(id), before);
    assert.equal((await world.get(id)).state, "succeeded");
  });

  it("and sleeps between announcing and sending sends nothing when it wakes too late", async () => {
    world = await createWorld();
    const { store } = world.parts;
    const { id } = await world.submit({ finish: "powered-on" });
    const commit = sinon.stub(store, "commit").callsFake(async (claim, step) => {
      const result = await commit.wrappedMethod(claim, step);
      if (step.events.some((event) => event.type === "action-intended")) {
        commit.restore();
        world.skip(400_000);
      }
      return result;
    });
    await world.look();
    assert.deepEqual(world.stub.done, []);
    await passSeconds(world, 60);
    assert.equal((await world.get(id)).state, "succeeded");
    assert.equal(count(world, "insert /cd"), 1);
  });
});
