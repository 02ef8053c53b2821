import assert from "node:assert/strict";
import { type Product, startProduct } from "./fixture.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

describe("a trace that a request belongs to", () => {
  let product: Product;
  before(async () => {
    product = await startProduct();
    await product.addNode();
  });
  after(() => product.stop());

  const sent = () => product.bmc.requests.map(({ traceparent }) => traceparent);

  it("goes with a deployment to every request at its BMC, each a part of its own, and into the logs", async () => {
    const body = { node: product.bmc.name, boot: { iso: { url: product.iso.url } }, finish: "disc-read" };
    const accepted = await product.call("POST", "/v1/deployments", body, { traceparent: TRACEPARENT });
    assert.equal(accepted.body.traceparent, TRACEPARENT);
    const ended = await product.end(accepted.body.id);
    assert.deepEqual([ended.state, ended.traceparent], ["succeeded", TRACEPARENT]);
    const ids = sent().map((one) => {
      assert.match(one!, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
      return one!.split("-")[2]!;
    });
    assert.ok(ids.length > 8);
    assert.equal(new Set([...ids, "00f067aa0ba902b7"]).size, ids.length + 1);
    for (const said of ["asked a BMC", "answered"])
      assert.ok(
        product.logged.some((line) => line.includes(TRACE) && line.includes(said)),
        said,
      );
  });

  it("goes with a preflight and other operations", async () => {
    product.bmc.forgetLogs();
    const path = `/v1/nodes/${product.bmc.name}`;
    for (const [action, body] of [
      ["preflight", {}],
      ["power", { action: "force-off" }],
    ] as const) {
      const ended = await product.call("POST", `${path}/${action}?waitMs=10000`, body, {
        traceparent: TRACEPARENT,
      });
      assert.deepEqual([ended.body.state, ended.body.traceparent], ["succeeded", TRACEPARENT]);
      const others = sent().filter((one) => one?.includes(TRACE) !== true);
      assert.deepEqual(others, [], action);
    }
  });

  it("is none where none was named, or none that stands", async () => {
    product.bmc.forgetLogs();
    for (const traceparent of ["", "canary", `00-${"0".repeat(32)}-00f067aa0ba902b7-01`]) {
      const ended = await product.call(
        "POST",
        `/v1/nodes/${product.bmc.name}/power?waitMs=10000`,
        {
          action: "on",
        },
        { traceparent },
      );
      assert.equal(ended.body.traceparent, null);
    }
    assert.ok(sent().length > 0);
    assert.deepEqual(
      sent().filter((one) => one !== null),
      [],
    );
  });
});
