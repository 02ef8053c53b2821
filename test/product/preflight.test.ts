import assert from "node:assert/strict";
import { type Product, type ProductOptions, startProduct } from "./fixture.ts";

interface Line {
  check: string;
  outcome: string;
  detail: string;
  hint: string | null;
  fingerprint?: string;
}

describe("a preflight", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function begin(options: ProductOptions = {}): Promise<void> {
    product = await startProduct(options);
    await product.addNode();
  }

  async function ask(body: object): Promise<(check: string) => Line> {
    const path = `/v1/nodes/${product.bmc.name}/preflight?waitMs=30000`;
    const { status, body: operation } = await product.call("POST", path, body);
    assert.equal(status, 200, JSON.stringify(operation));
    assert.equal(operation.state, "succeeded", JSON.stringify(operation.error));
    return (check) => operation.result.find((line: Line) => line.check === check);
  }

  it("says what URL the BMC would be given, and touches nothing", async () => {
    await begin();
    const found = await ask({});
    assert.equal(found("image-url").outcome, "pass");
    assert.match(found("image-url").detail, /^http:\/\/127\.0\.0\.1:\d+\/…\/boot\.iso, \d+ characters$/);
    assert.equal(found("canary"), undefined);
    assert.deepEqual(product.bmc.actions, []);
  });

  it("leaves with the node what was found, for people", async () => {
    await begin();
    await ask({});
    const { body: node } = await product.call("GET", `/v1/nodes/${product.bmc.name}`);
    const { managers, slots, bootTargets, lack } = node.capabilities;
    assert.deepEqual([managers[0].model, managers[0].firmwareVersion], [node.bmc.model, node.bmc.firmware]);
    assert.ok(slots.some((slot: { takesDisc: boolean; ways: string[] }) => slot.takesDisc && slot.ways[0]));
    assert.ok(bootTargets.includes("Cd"));
    assert.deepEqual([lack, node.bmc.health, node.power], [null, "OK", "off"]);
    assert.equal(node.bmc.standing.outage, null);
  });

  it("tells which certificate it was that nobody vouches for, so that it can be pinned", async () => {
    product = await startProduct({ tls: true });
    const { fingerprint } = product.lab;
    const { address, username, password } = product.bmc;
    await product.addNode(product.bmc, { bmc: { address, username, password } });
    const found = await ask({});
    assert.deepEqual([found("tls").outcome, found("tls").fingerprint], ["fail", fingerprint]);
    assert.deepEqual(
      [found("image-url").outcome, found("image-url").detail],
      ["skip", "needs tls, which failed"],
      "nothing is wrong with our own address",
    );
    const bmc = { tls: { mode: "pin", fingerprint } };
    await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { bmc });
    const pinned = await ask({});
    assert.deepEqual([pinned("tls").outcome, pinned("tls").fingerprint], ["pass", fingerprint]);
    assert.equal(pinned("log-in").outcome, "pass");
  });

  it("sees a canary read where the BMC reads at insert, and leaves the slot empty", async () => {
    await begin({ profile: "eager" });
    const found = await ask({ canary: true });
    assert.equal(found("canary").outcome, "pass", found("canary").detail);
    assert.match(found("canary").detail, /slot 1 was read/);
    const done = product.bmc.actions.map(({ what }) => what);
    assert.deepEqual(done, ["insert", "eject"]);
    assert.equal(product.bmc.slot().image, null);
  });

  it("says what became of a canary that the BMC refuses", async () => {
    await begin({ profile: "eager" });
    const body = { error: { "@Message.ExtendedInfo": [{ MessageId: "X.1.Y", Message: "no licence" }] } };
    product.bmc.failNext("POST InsertMedia", { status: 400, body });
    const found = await ask({ canary: true });
    assert.equal(found("canary").outcome, "fail");
    assert.match(found("canary").detail, /no licence/);
  });

  it("has a canary wait for no deployment: the node is busy then, and reads alone go on", async () => {
    await begin({ profile: "eager" });
    const { body: running } = await product.submit({ callbackSecret: "c".repeat(40) });
    const path = `/v1/nodes/${product.bmc.name}/preflight`;
    const refused = await product.call("POST", path, { canary: true });
    assert.deepEqual([refused.status, refused.body.code], [409, "node-busy"]);
    assert.equal((await product.call("POST", path, {})).status, 202);
    await product.call("POST", `/v1/deployments/${running.id}/cancel`, {});
    await product.end(running.id);
  });
});
