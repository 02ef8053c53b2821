import assert from "node:assert/strict";
import { type Product, type ProductOptions, startProduct } from "./fixture.ts";

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

    it("ends in the right error where no slot ever shows", async () => {
      product.bmc.failNext("ConfigureCDInstance", { ...NOTHING_DONE, times: 99 });
      const ended = await product.deploy({});
      assert.equal(ended.error.code, "slot-not-found");
    });
  });
});
