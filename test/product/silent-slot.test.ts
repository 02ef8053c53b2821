import assert from "node:assert/strict";
import { type Product, startProduct } from "./fixture.ts";
import { variantOf } from "../bmc-simulator/index.ts";

/** A BMC whose slots say nothing of the actions that they have, nor take a PATCH. */
describe("a slot that shows no way in", () => {
  let product: Product;
  async function begin(expands: boolean): Promise<void> {
    product = await startProduct({
      profile: variantOf("generic", { expands, media: { showsActions: false } }),
    });
    await product.addNode();
  }
  afterEach(() => product.stop());

  const metadataReads = () => product.bmc.requests.filter(({ path }) => path.endsWith("$metadata")).length;

  it("is tried by the standard's action where $metadata knows it, and again without asking for that", async () => {
    await begin(false);
    const cold = await product.deploy();
    assert.equal(cold.state, "succeeded", JSON.stringify(cold.error));
    assert.equal(product.bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
    assert.equal(metadataReads(), 1);
    const callbackSecret = "callback-secret-that-the-iso-knows-0001";
    const warm = await product.deploy({ callbackSecret, finish: "disc-read" });
    assert.equal(warm.state, "succeeded", JSON.stringify(warm.error));
    assert.equal(metadataReads(), 1);
  });

  it("is tried so too where only a refused PATCH tells that it takes none", async () => {
    await begin(true);
    const ended = await product.deploy();
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const retreats = (await product.events(ended.id)).filter(({ type }) => type === "step-retreated");
    assert.match(retreats.map(({ why }) => why).join(), /by implied-action/);
  });

  const TELLS_NOTHING: Record<string, object> = {
    missing: { status: 404 },
    "a page of HTML": { status: 200, body: "<html><title>Please wait</title></html>" },
    "larger than any": { status: 200, body: " ".repeat(3 * 2 ** 20) },
    "of an older schema": {
      status: 200,
      body: '<Edmx><Reference><Include Namespace="VirtualMedia.v1_1_0"/></Reference></Edmx>',
    },
  };
  for (const [what, answer] of Object.entries(TELLS_NOTHING))
    it(`is refused as what it is where $metadata is ${what}`, async () => {
      await begin(false);
      product.bmc.failNext("GET $metadata", { ...answer, times: 9 });
      const ended = await product.deploy();
      assert.equal(ended.error.code, "slot-not-found");
      assert.match(ended.error.message, /has no InsertMedia and cannot be changed/);
      assert.deepEqual(product.bmc.actions, []);
    });
});
