import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Product, type ProductOptions, startProduct } from "./fixture.ts";
import { CD, plainTree, writeTree } from "./plain-tree.ts";

const PLEASE_WAIT = { status: 200, body: "<html><title>Please wait</title></html>" };
const NOTHING_DONE = { status: 204, body: "" };
const LOST = { hangUp: true, afterActing: true };
const AFTER_ACTING = { status: 500, afterActing: true };

/** Answers that say nothing of what was done, as a storm of faults brought them. */
describe("a promise that was not kept, or an answer that was lost", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function begin(options: ProductOptions): Promise<void> {
    product = await startProduct({ ...options, timing: { mediaSettleMs: 400, ...options.timing } });
    await product.addNode();
  }

  async function succeed(request = {}): Promise<string[]> {
    const ended = await product.deploy({ timeoutMs: 20_000, ...request });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(product.bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
    const events = await product.events(ended.id);
    return events.map(({ type, action }) => (action === undefined ? type : `${type} ${action.kind}`));
  }

  const times = (events: string[], one: string) => events.filter((event) => event === one).length;

  describe("of a BMC whose remote media is to be switched on", () => {
    beforeEach(() => begin({ profile: "ami-megarac-off" }));

    it("is asked for again where the switch was taken and did nothing", async () => {
      product.bmc.failNext("EnableRMedia", NOTHING_DONE);
      assert.equal(times(await succeed(), "action-intended media-switch"), 2);
    });

    it("is asked for again where the count was taken and did nothing", async () => {
      product.bmc.failNext("EnableRMedia", LOST);
      product.bmc.failNext("ConfigureCDInstance", NOTHING_DONE);
      assert.ok(times(await succeed(), "action-intended media-switch") >= 2);
    });

    it("is not asked for again where the slot shows", async () => {
      product.bmc.failNext("ConfigureCDInstance", AFTER_ACTING);
      assert.equal(times(await succeed(), "action-intended media-switch"), 1);
    });

    it("goes on where what is on already is refused", async () => {
      product.bmc.failNext("EnableRMedia", LOST);
      product.bmc.failNext("EnableRMedia", { status: 400 });
      await succeed();
    });

    it("ends in what is missing where the switch is refused for good", async () => {
      product.bmc.failNext("EnableRMedia", { status: 404, times: 9 });
      const { error } = await product.deploy({});
      assert.equal(error.code, "slot-not-found");
      assert.match(error.message, /has no slot .* remote media could not be switched on: .* 404/);
    });

    it("ends in the right error where no slot ever shows", async () => {
      product.bmc.failNext("ConfigureCDInstance", { ...NOTHING_DONE, times: 99 });
      const ended = await product.deploy({});
      assert.equal(ended.error.code, "slot-not-found");
    });
  });

  describe("of a configuration that is to be mounted", () => {
    it("is asked for again where only the configuration was written", async () => {
      await begin({ profile: "supermicro-x11" });
      product.bmc.failNext("IsoConfig.Mount", PLEASE_WAIT);
      const events = await succeed();
      assert.equal(times(events, "action-intended insert-media"), 2);
      assert.equal(times(events, "step-retreated"), 0);
    });

    it("is asked for again where the mount was taken and did nothing", async () => {
      await begin({ profile: "supermicro-x11" });
      product.bmc.failNext("IsoConfig.Mount", NOTHING_DONE);
      assert.equal(times(await succeed(), "action-intended insert-media"), 2);
    });

    it("is written again where that was taken and did nothing", async () => {
      await begin({ profile: "supermicro-x11" });
      product.bmc.failNext("PATCH CfgCD", NOTHING_DONE);
      assert.equal(times(await succeed(), "action-intended insert-media"), 1);
    });

    /** What is written is all that this one shows. */
    async function beginUntold(): Promise<void> {
      const folder = mkdtempSync(join(tmpdir(), "promises-"));
      const tree = plainTree();
      const action = (verb: string) => ({ target: `${CD}/Actions/IsoConfig.${verb}` });
      const actions = { "#IsoConfig.Mount": action("Mount"), "#IsoConfig.UnMount": action("UnMount") };
      tree[CD] = { Id: "CfgCD", Host: "", Path: "", Actions: actions };
      writeTree(folder, tree);
      await begin({ tree: folder, timing: { firstReadMs: 1_500 } });
      rmSync(folder, { recursive: true });
    }

    it("is asked for again where the tree cannot tell, and the answer was none", async () => {
      await beginUntold();
      product.bmc.failNext("IsoConfig.Mount", PLEASE_WAIT);
      const events = await succeed();
      assert.equal(times(events, "action-intended insert-media"), 2);
      assert.equal(times(events, "step-retreated"), 0);
    });

    it("is mounted once more where the tree cannot tell, and nothing was read", async () => {
      await beginUntold();
      product.bmc.failNext("IsoConfig.Mount", NOTHING_DONE);
      assert.equal(times(await succeed(), "step-retreated"), 1);
    });

    it("is taken off the drive where its repeat is refused", async () => {
      await begin({ profile: "supermicro-x11" });
      product.bmc.failNext("IsoConfig.Mount", LOST);
      product.bmc.failNext("IsoConfig.Mount", { status: 400 });
      await succeed();
    });
  });
});
