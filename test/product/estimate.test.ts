import assert from "node:assert/strict";
import { modelMachines } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const SECRET = "callback-secret-that-the-iso-knows-0001";

describe("the estimate of a deployment", () => {
  let product: Product;
  beforeEach(async () => {
    // A disc that is read whole leaves no bytes to judge by.
    product = await startProduct({ machines: modelMachines({ readShare: 1 }) });
    await product.addNode();
  });
  afterEach(() => product.stop());

  it("is made of what those before it took, once its bytes tell nothing more", async () => {
    const deploy = (callbackSecret: string) => product.submit({ callbackSecret });
    const callBack = (secret: string) =>
      fetch(`${product.trayload.provisionUrl}/c/${secret}`, { method: "POST", body: "" });
    const { body: first } = await deploy(SECRET);
    await waitsForCallBack(product, first.id);
    await callBack(SECRET);
    assert.equal((await product.end(first.id)).state, "succeeded");

    const { body: second } = await deploy(`${SECRET}-2`);
    await waitsForCallBack(product, second.id);
    const { progress } = await untilHistory(product, second.id);
    assert.ok(Date.parse(progress.etaAt) > 0);
    await callBack(`${SECRET}-2`);
    assert.equal((await product.end(second.id)).progress.percent, 100);
  });
});

async function waitsForCallBack(product: Product, id: string): Promise<void> {
  for (let after = 0; ; ) {
    const { body } = await product.call("GET", `/v1/deployments/${id}?waitMs=5000&after=${after}`);
    if (body.waitingOn?.what === "the installer's call-back") return;
    after = body.version;
  }
}

/** What has ended is noted beside the deployment's end, and reads go on for a moment. */
async function untilHistory(product: Product, id: string) {
  return until(async () => {
    const { body } = await product.call("GET", `/v1/deployments/${id}`);
    return body.progress?.etaFrom === "history" && body;
  });
}
