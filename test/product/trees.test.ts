import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asModelMachine, type Lab, type SimulatedBmc, startLab } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const MOCKUPS = process.env["TRAYLOAD_MOCKUPS"] ?? join(import.meta.dirname, "../../../shared/mockups");
const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";
/** Has no virtual media, and an address that its firmware fetches. */
const BY_HTTP = "nvidia-bluefield3-dpu";
const TREES = existsSync(MOCKUPS)
  ? readdirSync(MOCKUPS).filter((name) => existsSync(join(MOCKUPS, name, "redfish/v1/index.json")))
  : [];

describe("every recorded tree, served as a BMC that can be changed", () => {
  let product: Product;
  let lab: Lab | undefined;

  before(async function () {
    if (TREES.length > 0) product = await startProduct({ timing: { eventsAfterMs: 0 } });
    else {
      console.log(`    skipped: no recorded trees at ${MOCKUPS}; name their folder in TRAYLOAD_MOCKUPS`);
      this.skip();
    }
  });
  afterEach(() => lab?.stop());
  after(() => product?.stop());

  async function serve(tree: string, name = tree): Promise<SimulatedBmc> {
    lab = await startLab({ tree: join(MOCKUPS, tree) });
    const added = await product.addNode(lab.bmcs[0]!, { name });
    assert.equal(added.status, 201, JSON.stringify(added.body));
    return lab.bmcs[0]!;
  }

  for (const tree of TREES)
    it(`${tree}: is deployed to twice, or refused with what is missing`, async () => {
      const bmc = await serve(tree);
      const isUsable = bmc.slots.some(({ slot }) => slot.isBootable) || tree === BY_HTTP;
      const first = await product.deploy({ node: tree, timeoutMs: 8_000 });
      if (!isUsable)
        return assert.match(
          first.error.message,
          /no slot that takes a CD: .*(links no virtual media|has no members)/,
        );
      assert.equal(first.state, "succeeded", JSON.stringify(first.error));
      const callBack = `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;
      asModelMachine(bmc.machine).behave({ script: [{ callBack }] });
      const request = { node: tree, callbackSecret: CALLBACK_SECRET, timeoutMs: 8_000 };
      const second = await product.deploy(request);
      assert.equal(second.state, "succeeded", JSON.stringify(second.error));
      assert.equal(second.clean, true);
      const boots = bmc.machine.boots.slice(-2).map(({ from }) => from);
      const from = tree === BY_HTTP ? "http" : "disc";
      assert.deepEqual(boots, [from, from]);
      const left = bmc.slots.filter(({ image }) => image?.startsWith(product.trayload.provisionUrl!));
      assert.deepEqual(left, []);
    });

  for (const tree of TREES)
    it(`${tree}: tells of its power where it has an event service, and is left without a subscription`, async () => {
      const bmc = await serve(tree, `${tree}-telling`);
      const isUsable = bmc.slots.some(({ slot }) => slot.isBootable) || tree === BY_HTTP;
      const service = join(MOCKUPS, tree, "redfish/v1/EventService/index.json");
      const isOn = existsSync(service) && JSON.parse(readFileSync(service, "utf8")).ServiceEnabled !== false;
      if (!isUsable || !isOn) return;
      const { body } = await product.submit({ node: `${tree}-telling`, finish: "powered-off" });
      await until(() => bmc.subscriptions.length === 1);
      asModelMachine(bmc.machine).powerOffItself();
      const ended = await product.end(body.id);
      assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
      assert.deepEqual([ended.clean, bmc.subscriptions], [true, []]);
    });
});
