import assert from "node:assert/strict";
import { createIntake, type DeploymentInput, type InboxItem } from "../../src/deploy/index.ts";
import { RedfishError } from "../../src/redfish/index.ts";
import { createWorld, type World } from "./world.ts";

const SECRET = "s".repeat(32);
const MINUTE_MS = 60_000;
const SUCCEEDED: InboxItem = { kind: "callback", status: "succeeded", percent: null, message: null };

type Verb = "readSlot" | "readState" | "ejectMedia" | "setPower";

describe("a clean-up that the BMC does not take", () => {
  let world: World;
  /** What is thrown in place of these verbs. */
  let refused: { verbs: readonly Verb[]; error: RedfishError } | undefined;
  beforeEach(async () => {
    world = await createWorld();
    refused = undefined;
    const verbs = world.stub.bmc as unknown as Record<Verb, (...given: unknown[]) => Promise<unknown>>;
    for (const verb of ["readSlot", "readState", "ejectMedia", "setPower"] as const) {
      const act = verbs[verb];
      verbs[verb] = async (...given) => {
        if (refused?.verbs.includes(verb)) throw refused.error;
        return act(...given);
      };
    }
  });
  afterEach(() => world.close());

  const owed = () => world.node.observed.media?.owed ?? null;
  const count = (deed: string) => world.stub.done.filter((one) => one === deed).length;
  const refuse = (
    verbs: readonly Verb[],
    facts: { code: "bmc-unreachable" | "bmc-timed-out"; mayHaveActed?: true },
  ) => {
    refused = { verbs, error: new RedfishError("the BMC said no", { ...facts, retryable: true }) };
  };
  const pass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) await world.pass(MINUTE_MS);
  };

  /** A deployment that succeeds and whose clean-up comes to its limit. */
  async function fallIntoDebt(verbs: readonly Verb[], input: Partial<DeploymentInput> = {}): Promise<void> {
    const { id } = await world.submit({ callbackSecret: SECRET, ...input });
    await world.look();
    refuse(verbs, { code: "bmc-unreachable" });
    await world.wake(id, SUCCEEDED);
    await pass(6);
    const view = await world.get(id);
    assert.deepEqual([view.state, view.clean], ["succeeded", false]);
    assert.match(owed() ?? "", /the BMC said no/);
  }

  it("is paid when the BMC is back", async () => {
    await fallIntoDebt(["readSlot"]);
    await pass(15);
    assert.match(owed() ?? "", /the BMC said no/);
    refused = undefined;
    await pass(12);
    assert.equal(count("eject /cd"), 1);
    assert.equal(world.node.observed.media, null);
  });

  it("is paid by the node's next deployment first of all, which need not wait for it", async () => {
    await fallIntoDebt(["readSlot"]);
    await pass(14);
    const next = await world.submit({ finish: "powered-on" });
    refused = undefined;
    await world.look();
    assert.deepEqual(world.stub.done.slice(3, 6), ["power force-off", "eject /cd", "insert /cd"]);
    assert.equal((await world.get(next.id)).state, "succeeded");
    await pass(10);
    assert.equal(count("eject /cd"), 1, "it was paid once");
    assert.equal(world.stub.slots[0]!.isInserted, true, "the debt's record left the next one's disc alone");
  });

  it("is paid though the BMC hung over the first requests to pay it", async () => {
    const { id } = await world.submit({ callbackSecret: SECRET });
    await world.look();
    refuse(["ejectMedia"], { code: "bmc-timed-out", mayHaveActed: true });
    await world.wake(id, SUCCEEDED);
    await pass(60);
    assert.notEqual(owed(), null);
    refused = undefined;
    await pass(30);
    assert.equal(world.node.observed.media, null);
    assert.deepEqual(world.stub.done.slice(3), ["eject /cd"]);
  });

  it("is owed the power too, which is switched when the BMC is back", async () => {
    await fallIntoDebt(["setPower"], { power: "off" });
    assert.equal(count("eject /cd"), 1, "the disc had left");
    refused = undefined;
    await pass(12);
    assert.deepEqual(world.stub.done.slice(3), ["eject /cd", "power force-off"]);
    assert.equal(world.stub.state.power, "off");
    assert.equal(world.node.observed.media, null);
  });

  it("and whose power is owed is paid by the node's next deployment first of all", async () => {
    await fallIntoDebt(["setPower"], { power: "off" });
    const next = await world.submit({ finish: "powered-on" });
    refused = undefined;
    await world.look();
    assert.deepEqual(world.stub.done.slice(3, 6), ["eject /cd", "power force-off", "insert /cd"]);
    assert.equal((await world.get(next.id)).state, "succeeded");
    await pass(20);
    assert.equal(count("power force-off"), 1, "the next one's machine was left on");
    assert.equal(owed(), null);
  });

  it("and whose power is owed switches no machine that somebody has switched since", async () => {
    await fallIntoDebt(["setPower"], { power: "off" });
    await createIntake({ ...world.parts, agentImages: world.database.agentImages }).operate(
      world.node.id,
      { kind: "power", action: "on" },
      { name: "ops" },
    );
    await world.look();
    refused = undefined;
    await pass(30);
    assert.equal(count("power force-off"), 0);
    assert.equal(world.node.observed.media, null);
  });
});
