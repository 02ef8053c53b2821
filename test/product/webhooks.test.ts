import assert from "node:assert/strict";
import { type Receiver, startReceiver } from "../webhooks/receiver.ts";
import { type Product, startProduct } from "./fixture.ts";

describe("a pipeline that is called", () => {
  let product: Product;
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
    product = await startProduct({ settings: { WEBHOOK_ALLOW: "127.0.0.0/8" } });
    await product.addNode();
  });
  afterEach(async () => {
    await product.stop();
    await receiver.close();
  });

  it("hears of each deployment's end once, over a restart of the server", async () => {
    await product.call("POST", "/v1/webhooks", { url: receiver.url });
    const first = await product.deploy();
    await receiver.until(1);
    await product.restart();
    const second = await product.deploy();
    await receiver.until(2);
    const events = receiver.received.map(
      ({ body }) => JSON.parse(body) as { type: string; source: string; data: { event: object } },
    );
    assert.deepEqual(
      events.map(({ type, source }) => `${type} ${source}`),
      [first, second].map(({ id }) => `deployment.succeeded /v1/deployments/${id}`),
    );
    for (const { data } of events)
      assert.ok(!("facts" in data.event), "what only the runner remembers stays inside");
  });
});
