import assert from "node:assert/strict";
import { asModelMachine, FAMILIES } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";

describe("the main job, on each family of BMCs", () => {
  for (const { name, summary } of FAMILIES) {
    describe(`${name} (${summary})`, () => {
      let product: Product;
      before(async () => {
        product = await startProduct({ profile: name });
        assert.equal((await product.addNode()).status, 201);
      });
      after(() => product.stop());

      it("boots the ISO on a machine that is off, and sees it read", async () => {
        const ended = await product.deploy();
        assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
        assert.equal(product.bmc.bootedFrom!.from, "disc");
        assert.equal(product.bmc.bootedFrom!.volumeLabel, "TRAYLOAD");
      });

      it("boots a second one where the first is still in and on, and leaves the slot empty", async () => {
        const [before] = product.bmc.slots.flatMap(({ image }) => image ?? []);
        const callBack = `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;
        asModelMachine(product.bmc.machine).behave({ script: [{ callBack }] });
        const ended = await product.deploy({ callbackSecret: CALLBACK_SECRET });
        assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
        assert.equal(ended.clean, true);
        assert.notEqual(product.bmc.bootedFrom!.url, before);
        assert.deepEqual(
          product.bmc.slots.flatMap(({ image }) => image ?? []),
          [],
        );
        assert.deepEqual(resetsOf(product), ["On", "ForceOff", "On"]);
      });
    });
  }
});

function resetsOf({ bmc }: Product): string[] {
  return bmc.actions.flatMap((deed) => (deed.what === "reset" ? [deed.type] : []));
}
