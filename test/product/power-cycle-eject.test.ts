import assert from "node:assert/strict";
import { asModelMachine, type ScriptStep, variantOf } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";
const REBOOT: ScriptStep[] = [{ waitMs: 2_600 }, "reboot"];

/** Where an eject reaches the machine at its next power cycle alone, a restart from within goes back to the disc (sushy-tools). */
describe("an eject that acts only at a power cycle", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function begin(script: ScriptStep[]): Promise<void> {
    product = await startProduct({ profile: variantOf("lazy", { media: { reach: "at-power-cycle" } }) });
    await product.addNode();
    asModelMachine(product.bmc.machine).behave({ script });
  }

  const isEmpty = () => product.bmc.slot().image === null;

  it("is followed by one when the machine comes back to the disc, also after the deployment's end", async () => {
    await begin(REBOOT);
    const ended = await product.deploy({ finish: "disc-read", eject: "on-reboot" });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    await until(() => isEmpty() && product.bmc.bootedFrom?.from === "disk");
  });

  it("leaves the machine at work where its policy is another, and the slot empty", async () => {
    await begin([]);
    const callBack = `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;
    asModelMachine(product.bmc.machine).behave({ script: [{ callBack }] });
    const ended = await product.deploy({ callbackSecret: CALLBACK_SECRET, eject: "at-end" });
    assert.deepEqual([ended.state, ended.clean], ["succeeded", true]);
    assert.ok(isEmpty());
    const resets = product.bmc.actions.flatMap((deed) => (deed.what === "reset" ? [deed.type] : []));
    assert.deepEqual(resets, ["On"]);
  });
});
