import assert from "node:assert/strict";
import { variantOf } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";

describe("how far the BMC says that the boot is", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function begin(hasBootProgress: boolean): Promise<void> {
    product = await startProduct({ profile: variantOf("generic", { hasBootProgress }) });
    await product.addNode();
  }

  it("is told as it changes, and shown with the deployment", async () => {
    await begin(true);
    const ended = await product.deploy({ finish: "os-running", eject: "at-end" });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(ended.bootProgress.state, "OSRunning");
    const told = (await product.events(ended.id)).filter(({ type }) => type === "boot-progressed");
    const states = told.map(({ state }) => state as string);
    assert.equal(states.at(-1), "OSRunning");
    assert.deepEqual([...new Set(states)], states);
  });

  it("is not told where it says nothing", async () => {
    await begin(false);
    const ended = await product.deploy();
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(ended.bootProgress, null);
  });
});
