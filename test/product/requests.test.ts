import assert from "node:assert/strict";
import { judge } from "../../bench/proofs.ts";
import { asModelMachine, FAMILIES, type Lab, type SimulatedBmc, startLab } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

/** The most that a deployment may cost its BMC: all proofs and the final eject included, polls beyond the first apart. */
const BUDGET = { cold: 16, warm: 13 };

/** Families that cost more, and what for. */
const MORE: Record<string, Partial<typeof BUDGET>> = {
  // Where the image lies is a request of its own beside each mount and unmount, and what is mounted is told by another drive.
  "supermicro-x11": { cold: 21, warm: 18 },
  // Remote media is switched on first, once: two changes, and a look for the slot that they bring.
  "ami-megarac-off": { cold: 17 },
};

type Phase = keyof typeof BUDGET;
const PHASES: Phase[] = ["cold", "warm"];

describe("the requests of a deployment, on each family of BMCs", () => {
  const labs: Lab[] = [];
  const costs = new Map<string, ReturnType<typeof judge> & { asked: string }>();
  let product: Product;

  /** All at once, since each waits more than it works. */
  before(async function () {
    this.timeout(40_000);
    product = await startProduct();
    await Promise.all(FAMILIES.map(({ name }) => deployTwice(name)));
  });
  after(async () => {
    await product.stop();
    await Promise.all(labs.map((lab) => lab.stop()));
  });

  /** First on a machine that is off, by a BMC never seen; then on the machine that is on by the first. */
  async function deployTwice(name: string): Promise<void> {
    const lab = await startLab({ profile: name });
    labs.push(lab);
    const bmc = lab.bmcs[0]!;
    await product.addNode(bmc, { name });
    for (const phase of PHASES) {
      const callbackSecret = `callback-secret-that-the-iso-knows-${name.replace(".", "-")}-${phase}`;
      const callBack = `${product.trayload.provisionUrl}/c/${callbackSecret}`;
      asModelMachine(bmc.machine).behave({ script: [{ callBack }] });
      // What the boot before was asked for counts until its self-test is over.
      await until(() => bmc.override.enabled !== "Once");
      costs.set(`${name} ${phase}`, await costOf(bmc, { node: name, callbackSecret }));
    }
  }

  async function costOf(bmc: SimulatedBmc, request: { node: string; callbackSecret: string }) {
    bmc.forgetLogs();
    const { state, clean, error } = await product.deploy({ ...request, timeoutMs: 30_000 });
    assert.deepEqual({ state, clean }, { state: "succeeded", clean: true }, JSON.stringify(error));
    const asked = bmc.requests.map(
      ({ method, path, query, status }) => `${method} ${path}?${query} ${status}`,
    );
    return { ...judge(bmc.requests, bmc.actions), asked: asked.join("\n") };
  }

  for (const { name } of FAMILIES)
    for (const phase of PHASES) {
      const budget = MORE[name]?.[phase] ?? BUDGET[phase];
      it(`${name}, ${phase}: every change is proven, with ${budget} requests at most`, () => {
        const { requests, missing, asked } = costs.get(`${name} ${phase}`)!;
        assert.deepEqual(missing, []);
        assert.ok(requests <= budget, `${requests} requests:\n${asked}`);
      });
    }
});
