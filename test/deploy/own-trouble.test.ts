import assert from "node:assert/strict";
import sinon from "sinon";
import { ImageError } from "../../src/images/index.ts";
import { beforeActing } from "./stub-bmc.ts";
import { createWorld, type World } from "./world.ts";

const SECRET = "s".repeat(32);

describe("a deployment whose process has troubles of its own", () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());

  const types = async (id: string) => (await world.events(id)).map((event) => event.type);

  it("is left as it was kept when the process ends before its BMC answers", async () => {
    const answer = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    beforeActing(world.stub.bmc, "insertMedia", async () => {
      asked.resolve();
      await answer.promise;
    });
    const { id } = await world.submit({ finish: "powered-on" });
    const looking = world.look();
    await asked.promise;
    assert.equal(await world.stop(10), false);
    const kept = await types(id);
    assert.deepEqual(
      (await world.database.records.takeDue(10)).map((hint) => hint.id),
      [id],
      "the next process has to wait for its lease",
    );
    answer.reject(new Error("the pool of BMCs is closed"));
    await looking;
    assert.deepEqual(await types(id), kept);
    assert.equal((await world.get(id)).state, "running");
    assert.deepEqual(world.heard, [], "our own end was told as a defect");
  });

  it("is not begun by a process that ends, and waits for the next one", async () => {
    assert.equal(await world.stop(10), true);
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    assert.equal((await world.get(id)).state, "queued");
    world.abandon();
    await world.pass(10_000);
    assert.equal((await world.get(id)).state, "succeeded");
  });

  it("goes on soon after the database was away, though it had announced a long request", async () => {
    const away = Object.assign(new Error("the database is away"), { retryable: true });
    const outage = sinon.createSandbox();
    beforeActing(
      world.stub.bmc,
      "insertMedia",
      async () => void outage.stub(world.parts.store, "commit").rejects(away),
    );
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    assert.deepEqual(world.heard, ["a look was broken off"]);
    outage.restore();
    await world.beat();
    await world.pass(1_000);
    assert.equal((await world.get(id)).state, "succeeded");
    assert.deepEqual(world.stub.done, ["insert /cd", "override Cd", "power on"]);
  });

  it("is not failed by what this process has run out of", async () => {
    const { images } = world.parts;
    const cause = Object.assign(new Error("too many open files"), { code: "EMFILE" });
    const lie = new ImageError("the image cannot be opened", {
      code: "image-not-bootable",
      retryable: false,
      cause,
    });
    const shortage = sinon.stub(images, "makeDisc").rejects(lie);
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    const retried = (await world.events(id)).find((event) => event.type === "step-retried");
    assert.equal(retried?.error.code, "server-exhausted");
    assert.match(retried.error.message, /the image cannot be opened \(EMFILE\)/);
    assert.match(retried.error.hint!, /ulimit -n/);
    shortage.restore();
    await world.pass(10_000);
    assert.equal((await world.get(id)).state, "succeeded");
  });

  it("is not failed by a database that is away for a while, and goes on when its lease has run out", async () => {
    const { exposures } = world.parts;
    const away = Object.assign(new Error("the database could not be reached"), { retryable: true });
    world.parts.exposures = { ...exposures, publish: () => Promise.reject(away) };
    const { id } = await world.submit({ finish: "powered-on" });
    await world.look();
    const { state, error } = await world.get(id);
    assert.deepEqual([state, error], ["queued", null]);
    world.parts.exposures = exposures;
    await world.pass(31_000);
    assert.equal((await world.get(id)).state, "succeeded");
    assert.deepEqual(world.stub.done.slice(0, 3), ["insert /cd", "override Cd", "power on"]);
  });

  it("owes no clean-up to a database that is away for a while", async () => {
    const { id } = await world.submit({ callbackSecret: SECRET });
    await world.look();
    const { nodes } = world.parts;
    const away = Object.assign(new Error("the database could not be reached"), { retryable: true });
    world.parts.nodes = { ...nodes, find: () => Promise.reject(away) };
    await world.wake(id, { kind: "callback", status: "succeeded", percent: null, message: null });
    world.parts.nodes = nodes;
    await world.pass(31_000);
    const { state, clean, warnings } = await world.get(id);
    assert.deepEqual([state, clean, warnings], ["succeeded", true, []]);
  });
});
