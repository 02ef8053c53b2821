import assert from "node:assert/strict";
import sinon from "sinon";
import type { InboxItem } from "../../src/deploy/index.ts";
import { createWorld, type World } from "./world.ts";

const SUCCEEDED: InboxItem = { kind: "callback", status: "succeeded", percent: null, message: null };
const THOUSAND = Array.from({ length: 1_000 }, (_, index) => String(index));

type Verb = (...given: unknown[]) => Promise<unknown>;

/** Calls `meanwhile` before and after every call of these methods, as others would come in between. */
function interrupt(methods: object, names: readonly string[], meanwhile: () => Promise<void>): void {
  const verbs = methods as Record<string, Verb>;
  for (const name of names) {
    const act = verbs[name]!;
    verbs[name] = async (...given) => {
      await meanwhile();
      const result = await act.apply(methods, given);
      await meanwhile();
      return result;
    };
  }
}

describe("a wake", () => {
  let world: World;
  let secrets = 0;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());

  const submit = () => world.submit({ callbackSecret: String((secrets += 1)).padStart(32, "0") });

  it("of a thousand that come during one step is not lost, and repeats nothing", async () => {
    const { id } = await submit();
    const { stub, database } = world;
    const { insertMedia } = stub.bmc;
    const rung: unknown[] = [];
    (stub.bmc as unknown as Record<string, Verb>)["insertMedia"] = async (...given) => {
      const woken = THOUSAND.map((message) =>
        database.records.wake(id, { kind: "callback", status: "progress", percent: null, message }),
      );
      for (const one of await Promise.all(woken)) if (typeof one === "object") rung.push(...one.hints);
      return (insertMedia as unknown as Verb)(...given);
    };
    await world.look();
    const events = await Promise.all([0, 1_000].map((after) => database.records.events(id, after, 1_000)));
    const told = events.flat().flatMap((event) => (event.type === "called-back" ? [event.message] : []));
    assert.deepEqual(told, THOUSAND);
    assert.deepEqual(rung, [], "a record at work needs no hint");
    assert.deepEqual(stub.done, ["insert /cd", "override Cd", "power on"]);
    await world.wake(id, SUCCEEDED);
    assert.equal((await world.get(id)).state, "succeeded");
  });

  it("of a thousand that come while nobody looks is one hint", async () => {
    const { id } = await submit();
    await world.look();
    const { records } = world.database;
    const woken = await Promise.all(THOUSAND.map((about) => records.wake(id, { kind: "nudge", about })));
    world.hints.push(...woken.flatMap((one) => (typeof one === "object" ? one.hints : [])));
    assert.equal(world.hints.length, 1);
    await world.wake(id, SUCCEEDED);
    assert.equal((await world.get(id)).state, "succeeded");
  });

  it("that comes while the end is kept is told as late, once", async () => {
    const { id } = await submit();
    await world.look();
    const commit = sinon.stub(world.parts.store, "commit").callsFake(async (claim, step) => {
      if (step.next.kind === "end")
        for (let time = 0; time < 2; time += 1) await world.database.records.wake(id, SUCCEEDED);
      return commit.wrappedMethod(claim, step);
    });
    await world.pass(2 * 3_600_000);
    const view = await world.get(id);
    assert.equal(view.state, "failed");
    assert.ok(view.lateSuccessAt);
    assert.equal((await world.events(id)).filter(({ type }) => type === "late-success").length, 1);
  });

  it("is seen without a minute passing, whatever the runner waits for when it comes", async () => {
    const { parts, stub } = world;
    let id = "";
    let left = 0;
    const meanwhile = async () => {
      left -= 1;
      if (left !== 0) return;
      const woken = await world.database.records.wake(id, SUCCEEDED);
      assert.ok(typeof woken === "object", `it is ${JSON.stringify(woken)}`);
      world.hints.push(...woken.hints);
    };
    const asked = Object.keys(parts.store).filter((name) => name !== "wake");
    interrupt(parts.store, asked, meanwhile);
    interrupt(parts.hints, ["add"], meanwhile);
    interrupt(parts.exposures, ["publish", "expire"], meanwhile);
    interrupt(parts.readCounts, ["load"], meanwhile);
    interrupt(parts.nodes, ["find", "credentials", "observe"], meanwhile);
    interrupt(parts.images, ["ensure", "makeDisc"], meanwhile);
    const verbs = ["describe", "readState", "readSlot", "insertMedia", "bootFromDisc", "setPower"];
    interrupt(stub.bmc, verbs, meanwhile);
    let point = 0;
    for (let isReached = true; isReached; ) {
      point += 1;
      stub.state.power = "off";
      stub.done.length = 0;
      ({ id } = await submit());
      left = point;
      await world.look();
      isReached = left <= 0;
      left = -1;
      // Beyond the last point of the way to its park, it parks and is woken like any other.
      if (!isReached) await world.wake(id, SUCCEEDED);
      assert.equal((await world.get(id)).state, "succeeded", `woken at point ${point}`);
      const deeds = ["insert /cd", "override Cd", "power on", "eject /cd"];
      assert.deepEqual(stub.done, deeds, `woken at point ${point}`);
    }
    assert.ok(point > 40, `only ${point} points were tried`);
  });
});
