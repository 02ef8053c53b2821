import assert from "node:assert/strict";
import { type Product, startProduct } from "./fixture.ts";

const NODES = 30;

describe("an image that nobody has had yet", () => {
  let product: Product;
  afterEach(() => product.stop());

  it("is downloaded once for all deployments that ask for it at the same time", async function () {
    this.timeout(60_000);
    product = await startProduct({ count: NODES, isoBytes: 8 * 2 ** 20 });
    const { bmcs } = product.lab;
    await Promise.all(bmcs.map((bmc) => product.addNode(bmc)));
    product.iso.holdBodies();
    const accepted = await Promise.all(
      bmcs.map(({ name }) => product.submit({ node: name, finish: "powered-on", eject: "never" })),
    );
    product.iso.goOn();
    for (const { status, body } of accepted) {
      assert.equal(status, 202, JSON.stringify(body));
      const ended = await product.end(body.id);
      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    }
    const downloads = product.iso.requests.filter(({ headers }) => headers.range === undefined);
    assert.equal(downloads.length, 1);
    const asked = product.iso.requests.length - downloads.length;
    assert.equal(asked, NODES, "each deployment asks whether the image is there, and none a second time");
  });
});
