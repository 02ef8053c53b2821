import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SimulatedBmc } from "../bmc-simulator/index.ts";
import { fillDisk, mountSmallDisk, needSmallDisk } from "../small-disk.ts";
import { until } from "../until.ts";
import { type Product, startProduct } from "./fixture.ts";

const SECRET = "callback-secret-that-the-iso-knows-0001";

/** The data directory has a disk of its own. */
describe("a server whose disk is full", () => {
  let disk: string;
  let unmount: () => void;
  let product: Product;
  before(function () {
    needSmallDisk(this);
  });
  beforeEach(async () => {
    disk = mkdtempSync(join(tmpdir(), "trayload-small-"));
    unmount = mountSmallDisk(disk, 24);
    product = await startProduct({ count: 2, leaseMs: 1_000, settings: { DATA_DIR: join(disk, "data") } });
  });
  afterEach(async () => {
    await product.stop();
    unmount();
    rmSync(disk, { recursive: true });
  });

  it("says so, loses nothing, and goes on by itself when there is room", async () => {
    const [waiting, looking] = product.lab.bmcs as [SimulatedBmc, SimulatedBmc];
    await product.addNode(waiting);
    const { body: first } = await product.submit({ callbackSecret: SECRET });
    const show = (id: string) => product.call("GET", `/v1/deployments/${id}`);
    await until(async () => (await show(first.id)).body.step === "wait-for-finish");
    await product.addNode(looking);
    looking.hold("GET", "after-acting", 5);
    const { body: second } = await product.submit({
      node: looking.name,
      finish: "powered-on",
      eject: "never",
    });
    await looking.whenHeld();

    const filler = join(disk, "filler");
    fillDisk(filler);
    const refused = await product.call("POST", "/v1/tokens", { name: "night-watch", role: "viewer" });
    assert.deepEqual([refused.status, refused.body.code], [503, "database-unavailable"]);
    const callBack = () => fetch(`${product.trayload.provisionUrl}/c/${SECRET}`, { method: "POST" });
    assert.equal((await callBack()).status, 503, "a call-back that was not kept was taken");
    looking.release();
    await until(() => product.logged.some((line) => line.includes("a look was broken off")));
    assert.equal((await show(first.id)).body.state, "running");

    rmSync(filler);
    await until(async () => (await callBack()).status === 204);
    for (const { id } of [first, second]) {
      const ended = await product.end(id);
      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    }
    for (const { actions } of [waiting, looking])
      assert.deepEqual(
        actions.map(({ what }) => what).filter((what) => what !== "eject"),
        ["insert", "override", "reset"],
      );
  });
});
