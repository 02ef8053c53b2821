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

  it("hears of a deployment's end once, also of one that ends while it is away and the server restarts", async () => {
    await product.call("POST", "/v1/webhooks", { url: receiver.url });
    receiver.answers.push({ status: 503, headers: { "retry-after": "1" } });
    const { id } = await product.deploy();
    await receiver.until(1);
    await product.restart();
    await receiver.until(2);
    const [first, second] = receiver.received.map(({ headers, body }) => ({
      id: headers["webhook-id"],
      event: JSON.parse(body) as { type: string; source: string; data: { event: object } },
    }));
    assert.deepEqual(second, first);
    assert.equal(second!.event.type, "deployment.succeeded");
    assert.equal(second!.event.source, `/v1/deployments/${id}`);
    assert.ok(!("facts" in second!.event.data.event), "what only the runner remembers stays inside");
  });
});
