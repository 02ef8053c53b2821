import assert from "node:assert/strict";
import { asModelMachine, type ModelOptions, modelMachines, variantOf } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const SECRET = "callback-secret-of-the-eject-policies";
/** Firmware that comes back sooner than this is taken for the one that looks twice. */
const GONE_MS = 2_200;

describe("the disc", () => {
  let product: Product;
  before(async () => {
    // A machine whose own order has the CD first.
    product = await startProduct({
      profile: variantOf("generic", { boot: { order: "disc" } }),
      machines: modelMachines(),
    });
    assert.equal((await product.addNode()).status, 201);
  });
  after(() => product.stop());

  const behave = (options: ModelOptions) =>
    asModelMachine(product.bmc.machine).behave({ script: [], ...options });
  const isIn = () => product.bmc.slot().image !== null;
  const isOut = () => until(() => !isIn());
  async function deploy(request: Record<string, unknown>): Promise<void> {
    // What ejected the disc of the test before may have the node for a moment longer.
    const { id } = await until(async () => {
      const { status, body } = await product.submit(request);
      return status !== 409 && body;
    });
    const ended = await product.end(id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
  }
  const callBack = () => fetch(`${product.trayload.provisionUrl}/c/${SECRET}`, { method: "POST" });

  it("leaves when the machine comes back to it after a reboot, and the machine goes on without it", async () => {
    behave({ script: [{ waitMs: GONE_MS }, "reboot"] });
    const before = product.bmc.machine.boots.length;
    await deploy({ finish: "disc-read", eject: "on-reboot" });
    assert.ok(isIn());
    // Its second boot stays.
    behave({});

    await isOut();

    await until(() => product.bmc.machine.boots.at(-1)!.from === "nothing");
    assert.deepEqual(
      product.bmc.machine.boots.slice(before).map(({ from }) => from),
      ["disc", "disc", "nothing"],
    );
  });

  it("leaves when the system runs from memory", async () => {
    behave({});
    await deploy({ finish: "disc-read", eject: "when-booted" });

    await isOut();

    assert.equal(product.bmc.power, "On");
  });

  it("leaves with the call-back, also when the deployment has ended before", async () => {
    await deploy({ finish: "disc-read", eject: "on-callback", callbackSecret: SECRET });
    assert.ok(isIn());

    assert.equal((await callBack()).status, 204);

    await isOut();
  });

  it("leaves at the end", async () => {
    behave({ script: ["power-off"] });
    await deploy({ finish: "powered-off", eject: "at-end", power: "off" });

    assert.ok(!isIn());
  });

  it("stays until it is asked for, or the node's next deployment", async () => {
    behave({});
    await deploy({ finish: "disc-read", eject: "never" });
    assert.ok(isIn());

    const path = `/v1/nodes/${product.bmc.name}/media/eject?waitMs=10000`;
    assert.equal((await product.call("POST", path)).body.state, "succeeded");

    assert.ok(!isIn());
  });
});
