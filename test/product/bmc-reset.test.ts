import assert from "node:assert/strict";
import { type Product, type ProductOptions, type Reply, startProduct } from "./fixture.ts";

/** Not so short that a busy machine is taken for a BMC that stays away. */
const TIMING = { bmcResetMs: 20_000, requestLimitMs: 2_000 };

describe("a restart of the BMC", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function begin(options: ProductOptions = {}, systemId: string | null = "1"): Promise<void> {
    product = await startProduct({ timing: TIMING, ...options });
    await product.addNode(product.bmc, { bmc: bmcWith(systemId) });
  }

  function bmcWith(systemId: string | null): object {
    const { address, username, password } = product.bmc;
    return { address, username, password, systemId };
  }

  const ask = (name = product.bmc.name, body: object = { confirm: true }): Promise<Reply> =>
    product.call("POST", `/v1/nodes/${name}/bmc/reset`, body);

  async function ended(): Promise<Reply["body"]> {
    const { status, body } = await ask();
    assert.equal(status, 202, JSON.stringify(body));
    return (await product.call("GET", `/v1/operations/${body.id}?until=final&waitMs=50000`)).body;
  }

  it("is seen gone and back, and the next deployment logs in anew", async () => {
    await begin();
    const operation = await ended();
    assert.equal(operation.state, "succeeded", JSON.stringify(operation.error));
    assert.equal(operation.kind, "bmc-reset");
    assert.ok(!product.bmc.isRestarting);
    const deployed = await product.deploy();
    assert.equal(deployed.state, "succeeded", JSON.stringify(deployed.error));
    assert.equal(product.bmc.openSessions, 1);
  });

  it("is waited for where its answer went down with it", async () => {
    await begin();
    product.bmc.failNext("Manager.Reset", { hangUp: true, afterActing: true });
    assert.equal((await ended()).state, "succeeded");
    const asked = product.bmc.requests.filter(({ path }) => path.endsWith("Manager.Reset"));
    assert.equal(asked.length, 1);
  });

  it("has not happened where the BMC only says so", async () => {
    await begin({ timing: { ...TIMING, bmcResetMs: 500 } });
    product.bmc.failNext("Manager.Reset", { status: 204, body: "" });
    assert.equal((await ended()).error.code, "action-not-seen");
  });

  it("is refused where the BMC offers none", async () => {
    await begin({ profile: "sushy" }, null);
    const { error } = await ended();
    assert.equal(error.code, "bmc-unsupported");
    assert.match(error.message, /Manager.Reset/);
  });

  it("is done only by who says that it is meant, and not to a protected node", async () => {
    await begin();
    assert.equal((await ask(product.bmc.name, {})).status, 422);
    await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { protected: true });
    assert.equal((await ask()).body.code, "node-protected");
    assert.deepEqual(product.bmc.requests, []);
  });

  it("is refused while another machine of the same BMC is being deployed", async () => {
    await begin();
    const other = await product.addNode(product.bmc, { name: "neighbour", bmc: bmcWith("2") });
    assert.equal(other.status, 201, JSON.stringify(other.body));
    product.bmc.hold("POST", "before-acting");
    const { body } = await product.submit();
    await product.bmc.whenHeld();
    const refused = await ask("neighbour");
    product.bmc.release();
    assert.equal(refused.status, 409);
    assert.equal(refused.body.code, "node-busy");
    assert.equal(refused.body.deploymentId, body.id);
    assert.equal((await product.end(body.id)).state, "succeeded");
  });
});
