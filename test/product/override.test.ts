import assert from "node:assert/strict";
import { asModelMachine, variantOf } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";

describe("the boot override of a deployment", () => {
  let product: Product;
  afterEach(() => product.stop());

  it("is for one boot, also where an earlier one was left for every boot", async () => {
    product = await startProduct();
    await product.addNode();
    const first = await product.deploy({ bootPolicy: "persistent" });
    assert.deepEqual([first.state, product.bmc.override.enabled], ["succeeded", "Continuous"]);
    const second = await product.deploy();
    assert.deepEqual([second.state, product.bmc.override.enabled], ["succeeded", "Disabled"]);
  });

  it("is in the mode that was asked for, also where one in another mode points to the disc already", async () => {
    product = await startProduct();
    await product.addNode();
    const persistent = { bootPolicy: "persistent", finish: "powered-on" };
    await product.deploy({ ...persistent, bootMode: "bios" });
    assert.equal(product.bmc.override.mode, "Legacy");
    const second = await product.deploy({ ...persistent, bootMode: "uefi" });
    assert.deepEqual([second.state, product.bmc.override.mode], ["succeeded", "UEFI"]);
  });

  for (const listsEnabled of [true, false])
    it(`lasts where the BMC has none for one boot, until the disc was booted (${listsEnabled ? "listed" : "refused"})`, async () => {
      const boot = { enabled: ["Disabled", "Continuous"], listsEnabled };
      product = await startProduct({ profile: variantOf("generic", { boot }) });
      await product.addNode();
      const ended = await product.deploy();
      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
      assert.equal(product.bmc.override.enabled, "Disabled");
      assert.notEqual(product.bmc.slot().image, null, "the disc stays for the installer");
      const overrides = product.bmc.actions.filter(({ what }) => what === "override");
      assert.deepEqual(
        overrides.map((one) => "enabled" in one && one.enabled),
        ["Continuous", "Disabled"],
      );
    });

  it("that lasts is ended by the clean-up where the call-back comes first", async () => {
    const boot = { enabled: ["Disabled", "Continuous"] };
    product = await startProduct({
      profile: variantOf("generic", { boot }),
      timing: { longestRetryMs: 200 },
    });
    await product.addNode();
    const callBack = `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;
    asModelMachine(product.bmc.machine).behave({ script: [{ waitMs: 100 }, { callBack }] });
    const { body } = await product.submit({ callbackSecret: CALLBACK_SECRET });
    const ended = await product.end(body.id);
    assert.deepEqual([ended.state, ended.clean], ["succeeded", true]);
    assert.equal(product.bmc.override.enabled, "Disabled");
    assert.equal(product.bmc.slot().image, null);
  });

  it("that lasts is owed where the BMC refuses to end it, and paid when it does not any more", async () => {
    const boot = { enabled: ["Disabled", "Continuous"] };
    product = await startProduct({ profile: variantOf("generic", { boot }), timing: { owedMs: 100 } });
    await product.addNode();
    const media = async () => (await product.call("GET", `/v1/nodes/${product.bmc.name}`)).body.media;
    // The override stands by then, and is not ended before the machine has read its disc.
    product.bmc.hold("POST ComputerSystem.Reset", "before-acting");
    const { body } = await product.submit({ callbackSecret: CALLBACK_SECRET });
    await product.bmc.whenHeld();
    // By the step that waits, by the clean-up and by who pays.
    const takeAll = product.bmc.failNext("PATCH", { status: 400, times: Number.POSITIVE_INFINITY });
    product.bmc.release();
    await until(() => product.bmc.bootedFrom !== null);
    await fetch(`${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`, { method: "POST" });
    const ended = await product.end(body.id);
    assert.deepEqual([ended.state, ended.clean], ["succeeded", false]);
    assert.match((await media()).owed, /answered 400/);
    takeAll();
    await until(async () => (await media()) === null);
    const { enabled, target } = product.bmc.override;
    assert.ok(enabled === "Disabled" || target === "Hdd", `${enabled} ${target}`);
  });
});
