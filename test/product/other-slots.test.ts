import assert from "node:assert/strict";
import { type Product, startProduct } from "./fixture.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";

/** A BMC whose slots each cost a request, so that a deployment looks at the likeliest alone. */
describe("a slot that a deployment has no need to look at", () => {
  let product: Product;
  beforeEach(async () => {
    product = await startProduct({ profile: "lenovo-xcc" });
    await product.addNode();
  });
  afterEach(() => product.stop());

  /** As another tool would, behind our back. */
  async function putIn(slot: string): Promise<void> {
    const { address, username, password } = product.bmc;
    const basic = Buffer.from(`${username}:${password}`).toString("base64");
    const answer = await fetch(`${address}/redfish/v1/Managers/1/VirtualMedia/${slot}`, {
      method: "PATCH",
      headers: { authorization: `Basic ${basic}`, "content-type": "application/json" },
      body: JSON.stringify({ Image: product.iso.url, Inserted: true }),
    });
    assert.ok(answer.ok, await answer.text());
  }

  it("is emptied by an eject by hand", async () => {
    await putIn("EXT3");
    assert.notEqual(product.bmc.slot("EXT3").image, null);
    const { body } = await product.call("POST", `/v1/nodes/${product.bmc.name}/media/eject`, {});
    const { body: ended } = await product.call("GET", `/v1/operations/${body.id}?until=final&waitMs=20000`);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended));
    assert.equal(product.bmc.slot("EXT3").image, null);
  });

  it("is looked at when a disc of ours was left in it", async () => {
    product.bmc.failNext("PATCH VirtualMedia/EXT1$", { status: 400, times: 3 });
    const first = await product.deploy({});
    assert.equal(first.state, "succeeded", JSON.stringify(first.error));
    assert.equal(product.bmc.slots.find(({ image }) => image !== null)?.slot.id, "EXT2");
    const second = await product.deploy({ callbackSecret: CALLBACK_SECRET, finish: "disc-read" });
    assert.equal(second.state, "succeeded", JSON.stringify(second.error));
    const full = product.bmc.slots.filter(({ image }) => image !== null);
    assert.equal(full.length, 1, full.map(({ slot }) => slot.id).join());
  });
});
