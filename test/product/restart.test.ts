import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";

describe("a deployment whose server restarts", () => {
  let product: Product;
  beforeEach(async () => {
    product = await startProduct();
    await product.addNode();
  });
  afterEach(() => product.stop());

  it("goes on where it was, and does nothing twice", async () => {
    product.bmc.hold("POST ComputerSystem.Reset", "after-acting");
    const { body } = await product.submit({ finish: "powered-on", eject: "never" });
    await product.bmc.whenHeld();
    const stopped = product.restart();
    product.bmc.release();
    await stopped;
    const ended = await product.end(body.id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const deeds = product.bmc.actions.map(({ what }) => what);
    assert.deepEqual(deeds, ["insert", "override", "reset"]);
  });

  it("still hears the call-back of an installer that began before", async () => {
    const { body } = await product.submit({ callbackSecret: CALLBACK_SECRET });
    await waitsFor(product, body.id, "wait-for-finish");
    await product.restart();
    const callBack = `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;
    assert.equal((await fetch(callBack, { method: "POST" })).status, 204);
    const ended = await product.end(body.id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
  });

  it("goes on with an image whose download the end has cut", async () => {
    product.iso.dripMs = 50;
    const { body } = await product.submit({ finish: "powered-on", eject: "never" });
    await waitsFor(product, body.id, "publish-disc");
    await until(() => product.iso.requests.some(({ headers }) => headers.range === undefined));
    await product.restart();
    product.iso.dripMs = 0;
    const ended = await product.end(body.id);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const failures = (await product.events(body.id)).filter(({ type }) => /retried|failed/.test(type));
    assert.deepEqual(failures, []);
  });

  it("says which key is missing when the master key has been lost", async () => {
    rmSync(join(product.folder, "master-key"));
    await product.restart();
    const ended = await product.deploy();
    assert.equal(ended.error.code, "secret-unreadable");
    assert.match(ended.error.hint, /master key file/);
    assert.deepEqual(product.bmc.requests, []);
  });

  it("keeps the eject that is due, and does it when its time comes", async () => {
    const ended = await product.deploy({ eject: "when-booted" });
    assert.equal(ended.state, "succeeded");
    assert.notEqual(product.bmc.slot().image, null);
    await product.restart();
    await until(() => product.bmc.slot().image === null);
  });
});

async function waitsFor(product: Product, id: string, step: string): Promise<void> {
  for (let after = 0; ; ) {
    const { body } = await product.call("GET", `/v1/deployments/${id}?waitMs=5000&after=${after}`);
    if (body.step === step && body.waitingOn !== null) return;
    assert.equal(body.final, false, JSON.stringify(body.error));
    after = body.version;
  }
}
