import assert from "node:assert/strict";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";

describe("a BMC that cannot be used during the clean-up", () => {
  let product: Product;
  let owing: { id: string; clean: boolean; state: string };

  /** @param owedMs how soon the debt is tried again */
  async function fallIntoDebt(owedMs: number): Promise<void> {
    product = await startProduct({ timing: { owedMs } });
    await product.addNode();
    const { body } = await product.submit({ callbackSecret: CALLBACK_SECRET });
    await until(async () => (await seen(body.id)).step === "wait-for-finish");
    product.bmc.setPassword("changed by somebody");
    product.bmc.expireSessions();
    await fetch(`${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`, { method: "POST" });
    owing = await product.end(body.id);
  }
  afterEach(() => product.stop());

  const seen = async (id: string) => (await product.call("GET", `/v1/deployments/${id}`)).body;
  const media = async () => (await product.call("GET", `/v1/nodes/${product.bmc.name}`)).body.media;
  const learnPassword = async () => {
    const { headers } = await product.call("GET", `/v1/nodes/${product.bmc.name}`);
    const known = { bmc: { password: product.bmc.password } };
    const path = `/v1/nodes/${product.bmc.name}`;
    const { status } = await product.call("PATCH", path, known, {
      "if-match": headers.get("etag")!,
      "content-type": "application/merge-patch+json",
    });
    assert.equal(status, 200);
  };
  const ejected = () =>
    product.bmc.actions.flatMap((action) => (action.what === "eject" ? [action.url] : []));

  it("is owed the eject, by a deployment that ends in time", async () => {
    await fallIntoDebt(60_000);
    assert.deepEqual([owing.state, owing.clean], ["succeeded", false]);
    const owed = await media();
    assert.equal(owed.deploymentId, owing.id);
    assert.match(owed.owed, /refused the log-in/);
  });

  it("is paid when it can be used again, over a restart too", async () => {
    await fallIntoDebt(200);
    await product.restart();
    assert.match((await media()).owed, /refused the log-in/);
    await learnPassword();
    await until(async () => (await media()) === null);
    assert.equal(product.bmc.slot().image, null);
    assert.equal(ejected().length, 1);
  });

  it("is paid by the node's next deployment first of all", async () => {
    await fallIntoDebt(60_000);
    const old = product.bmc.slot().image;
    await learnPassword();
    let submitted = await product.submit({ finish: "powered-on", eject: "never" });
    // For a moment the node is held by the record that tries to pay.
    await until(async () => {
      if (submitted.status === 409)
        submitted = await product.submit({ finish: "powered-on", eject: "never" });
      return submitted.status === 202;
    });
    const next = await product.end(submitted.body.id);
    assert.equal(next.state, "succeeded", JSON.stringify(next.error));
    assert.deepEqual(ejected(), [old]);
    assert.equal((await media()).deploymentId, next.id);
    assert.equal((await media()).owed, null);
  });
});
