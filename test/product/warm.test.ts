import assert from "node:assert/strict";
import { asModelMachine } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";

describe("the requests that a deployment costs its BMC", () => {
  let product: Product;
  beforeEach(async () => {
    product = await startProduct({ tls: true });
    await product.addNode();
    const callBack = `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;
    asModelMachine(product.bmc.machine).behave({ script: [{ callBack }] });
  });
  afterEach(() => product.stop());

  async function requestsOf(request = {}): Promise<string[]> {
    product.bmc.forgetLogs();
    await product.deploy({ callbackSecret: CALLBACK_SECRET, ...request });
    return product.bmc.requests.map(({ method, path }) => `${method} ${path}`);
  }
  const looksAnew = (requests: string[]) => requests.includes("GET /redfish/v1/Systems");

  it("are 16 at most at first, and 13 for a machine that is known and on", async () => {
    const cold = await requestsOf();
    const warm = await requestsOf();
    assert.ok(cold.length <= 16, cold.join("\n"));
    assert.ok(warm.length <= 13, warm.join("\n"));
    assert.equal(product.bmc.slot().image, null);
  });

  it("are those of a stranger again when the node was changed, or a deployment has failed", async () => {
    await requestsOf();
    await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { labels: { moved: "yes" } });
    assert.ok(looksAnew(await requestsOf()), "after a change");
    assert.ok(!looksAnew(await requestsOf()));
    product.bmc.insertNothing();
    await requestsOf();
    product.bmc.insertNothing(false);
    assert.ok(looksAnew(await requestsOf()), "after a failure");
  });
});
