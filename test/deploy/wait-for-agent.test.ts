import assert from "node:assert/strict";
import type { IntakeError } from "../../src/deploy/index.ts";
import { bootedAt, createWorld, type World } from "./world.ts";

const MINUTE_MS = 60_000;
const NO_BOOT = { catalogue: { start: 0, end: 0 }, images: [] };

describe("a deployment that waits for its agent", () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.close());

  async function begin(): Promise<string> {
    const agentSteps = [{ interface: "deploy", step: "install" }];
    const { id } = await world.submit({ agentSteps, timeoutMs: 180 * MINUTE_MS });
    await world.look();
    assert.equal((await world.get(id)).step, "wait-for-agent");
    return id;
  }
  /** Until the wait is over, and the machine has been taken down. */
  async function waitInVain(id: string) {
    for (let minutes = 0; minutes < 50 && (await world.get(id)).error === null; minutes += 1)
      await world.pass(MINUTE_MS);
    for (let seconds = 0; seconds < 60; seconds += 5) await world.pass(5_000);
    const view = await world.get(id);
    assert.equal(view.state, "failed", JSON.stringify(view.waitingOn));
    assert.equal(view.clean, true);
    return view.error!;
  }

  it("is not begun where the node's own hints could choose no disk", async () => {
    (world.node as { rootDevice: unknown }).rootDevice = { size: "big", serial: "S-1" };
    const agentSteps = [{ interface: "deploy", step: "install" }];
    const image = { url: "http://images/disk.raw" };

    await assert.rejects(world.submit({ agentSteps }), (error: IntakeError) => {
      assert.equal(error.code, "root-device-invalid");
      assert.deepEqual(
        error.fields?.map(({ path }) => path),
        ["node.rootDevice.size"],
      );
      assert.match(error.hint ?? "", /rootDevice of the node rack1-u07/);
      return true;
    });
    await world.submit({ write: { image, rootDevice: { serial: "S-1" } } });
    await world.look();
  });

  for (const [sizeBytes, count] of [
    [2 ** 32 - 2048, 0],
    [2 ** 32, 1],
  ] as const)
    it(`warns ${count} times of files that agents pass over on a disc of ${sizeBytes} bytes`, async () => {
      const { images } = world.parts;
      const disc = { id: "disc_1", sizeBytes, extents: [], etag: "e", boot: NO_BOOT };
      images.makeDisc = async () => ({ disc, told: [], warnings: [] });

      const { warnings } = await world.get(await begin());

      assert.equal(warnings.filter((text) => /4 GiB or more/.test(text)).length, count);
    });

  it("says after its time that none has reported, and where to look when the disc was read", async () => {
    const id = await begin();
    await world.read(id, bootedAt(world.nowMs()));

    const { code, step, message, hint } = await waitInVain(id);

    assert.deepEqual([code, step], ["agent-not-heard", "wait-for-agent"]);
    assert.match(message, /no agent has reported/);
    assert.match(hint ?? "", /has read its disc. Look at its console; its network must reach http/);
  });

  it("says what was refused last, where something called", async () => {
    const id = await begin();
    await world.read(id, bootedAt(world.nowMs()));
    const detail = "a lookup by a MAC or UUID of another machine";
    await world.wake(id, { kind: "agent-refused", why: "other-machine", detail });
    assert.match((await world.get(id)).waitingOn?.cause ?? "", /another machine/);

    const { code, message } = await waitInVain(id);

    assert.equal(code, "agent-not-heard");
    assert.match(message, /the last call was refused: a lookup by a MAC or UUID of another machine/);
  });
});
