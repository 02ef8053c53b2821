import assert from "node:assert/strict";
import { asModelMachine, FAMILIES, type Lab, type SimulatedBmc, startLab } from "../bmc-simulator/index.ts";
import { type Product, type Reply, startProduct } from "./fixture.ts";

/** What became of one family: two deployments, one after the other. */
interface Ended {
  bmc: SimulatedBmc;
  /** On a machine that is off. */
  first: Reply["body"];
  /** Its disc, which is in when the second begins. */
  disc: string | null;
  /** On the machine that is on by the first. */
  second: Reply["body"];
}

describe("the main job, on each family of BMCs", () => {
  const ended = new Map<string, Ended>();
  const labs: Lab[] = [];
  let product: Product;

  /** All at once, since each waits more than it works. */
  before(async function () {
    this.timeout(30_000);
    product = await startProduct();
    await Promise.all(FAMILIES.map(({ name }) => deployTwice(name)));
  });
  after(async () => {
    await product.stop();
    await Promise.all(labs.map((lab) => lab.stop()));
  });

  async function deployTwice(name: string): Promise<void> {
    const lab = await startLab({ profile: name });
    labs.push(lab);
    const bmc = lab.bmcs[0]!;
    assert.equal((await product.addNode(bmc, { name })).status, 201);
    const first = await product.deploy({ node: name, timeoutMs: 20_000 });
    const disc = bmc.bootedFrom?.url ?? null;
    const callbackSecret = `callback-secret-that-the-iso-knows-${name.replace(".", "-")}`;
    const callBack = `${product.trayload.provisionUrl}/c/${callbackSecret}`;
    asModelMachine(bmc.machine).behave({ script: [{ callBack }] });
    const second = await product.deploy({ node: name, callbackSecret, timeoutMs: 20_000 });
    ended.set(name, { bmc, first, disc, second });
  }

  for (const { name, summary } of FAMILIES) {
    describe(`${name} (${summary})`, () => {
      it("boots the ISO on a machine that is off, and sees it read", () => {
        const { bmc, first, disc } = ended.get(name)!;
        assert.equal(first.state, "succeeded", JSON.stringify(first.error));
        assert.equal(bmc.machine.boots[0]?.volumeLabel, "TRAYLOAD");
        assert.match(String(disc), /\/boot\.iso$/);
      });

      it("boots a second one where the first is still in and on, and leaves the slot empty", () => {
        const { bmc, disc, second } = ended.get(name)!;
        assert.equal(second.state, "succeeded", JSON.stringify(second.error));
        assert.equal(second.clean, true);
        assert.notEqual(bmc.bootedFrom!.url, disc);
        assert.deepEqual(
          bmc.slots.flatMap(({ image }) => image ?? []),
          [],
        );
        const resets = bmc.actions.flatMap((deed) => (deed.what === "reset" ? [deed.type] : []));
        assert.deepEqual(resets, ["On", "ForceOff", "On"]);
      });
    });
  }
});
