import assert from "node:assert/strict";
import { type Product, startProduct } from "./fixture.ts";

describe("the boot override of a deployment", () => {
  let product: Product;
  afterEach(() => product.stop());

  it("is for one boot, also where an earlier one was left for every boot", async () => {
    product = await startProduct();
    await product.addNode();
    const first = await product.deploy({ bootPolicy: "persistent" });
    assert.deepEqual([first.state, product.bmc.override.enabled], ["succeeded", "Continuous"]);
    const second = await product.deploy();
    assert.deepEqual([second.state, product.bmc.override.enabled], ["succeeded", "Disabled"]);
  });

  it("is in the mode that was asked for, also where one in another mode points to the disc already", async () => {
    product = await startProduct();
    await product.addNode();
    const persistent = { bootPolicy: "persistent", finish: "powered-on" };
    await product.deploy({ ...persistent, bootMode: "bios" });
    assert.equal(product.bmc.override.mode, "Legacy");
    const second = await product.deploy({ ...persistent, bootMode: "uefi" });
    assert.deepEqual([second.state, product.bmc.override.mode], ["succeeded", "UEFI"]);
  });
});
