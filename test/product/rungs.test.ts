import assert from "node:assert/strict";
import {
  asModelMachine,
  type Profile,
  profileNamed,
  type ProfileChanges,
  type Refusal,
  variantOf,
} from "../bmc-simulator/index.ts";
import { QUIRKS } from "../../src/redfish/index.ts";
import { type Product, type ProductOptions, startProduct } from "./fixture.ts";

const CALLBACK_SECRET = "callback-secret-that-the-iso-knows-0001";
const REFUSED: Refusal = { status: 400, messageId: "ActionNotSupported", message: "Not here." };
const errorOf = ({ messageId, message }: Refusal) => ({
  error: { "@Message.ExtendedInfo": [{ MessageId: messageId, Message: message }] },
});

/** The profile with slots that are told apart by Id. */
function withSlots(name: string, changes: Record<string, object>, others: ProfileChanges = {}): Profile {
  const slots = profileNamed(name).media.slots.map((slot) => ({ ...slot, ...changes[slot.id] }));
  return variantOf(variantOf(name, others), { media: { slots } });
}

describe("ways of getting a disc in and booted", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function begin(options: ProductOptions): Promise<void> {
    product = await startProduct(options);
    await product.addNode();
  }

  async function deploy(request = {}) {
    const ended = await product.deploy(request);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    const events = await product.events(ended.id);
    return {
      ended,
      retreats: events.filter(({ type }) => type === "step-retreated").map(({ why }) => why as string),
    };
  }

  it("remember what worked, and begin with it at the node's next deployment", async () => {
    const profile = withSlots("dell-idrac9", {
      "1": { isBootable: false, refuses: REFUSED },
      "2": { isBootable: false, refuses: REFUSED },
      CD: { isBootable: true, refuses: undefined },
    });
    await begin({ profile });
    assert.equal((await deploy()).retreats.length, 2);
    assert.deepEqual((await deploy()).retreats, []);
    assert.equal(product.bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
  });

  it("come back to what worked when the BMC had to be described anew", async () => {
    const profile = withSlots("dell-idrac9", {
      "1": { isBootable: false, refuses: REFUSED },
      "2": { isBootable: false, refuses: REFUSED },
      CD: { isBootable: true, refuses: undefined },
    });
    await begin({ profile });
    await deploy();
    await product.call("PATCH", `/v1/nodes/${product.bmc.name}`, { labels: { moved: "yes" } });
    assert.deepEqual((await deploy()).retreats, []);
  });

  it("lead to a maker's own insert where the standard's is refused", async () => {
    await begin({ profile: "hpe-ilo5" });
    product.bmc.failNext("POST VirtualMedia.InsertMedia", { status: 400, body: errorOf(REFUSED), times: 99 });
    const { retreats } = await deploy();
    assert.match(retreats.join(), /by oem-action/);
    assert.equal(product.bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
  });

  for (const name of ["dell-idrac9", "hpe-ilo5"])
    it(`lead to a maker's own boot where Cd is the physical drive (${name})`, async () => {
      const profile = variantOf(name, { boot: { discTargets: [] } });
      await begin({ profile, timing: { firstReadMs: 1_500 } });
      const { ended, retreats } = await deploy();
      assert.match(retreats.join(), /booted by (dell-attributes|next-reset)/);
      assert.equal(product.bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
      assert.ok(ended.evidence.some(({ what }: { what: string }) => what === "disc-read"));
    });

  it("are left too while an installer's call-back is waited for that nothing can make", async () => {
    const profile = withSlots("dell-idrac9", { "1": { isBootable: false, isDead: true } });
    await begin({ profile, timing: { firstReadMs: 1_500 } });
    const callBack = `${product.trayload.provisionUrl}/c/${CALLBACK_SECRET}`;
    asModelMachine(product.bmc.machine).behave({ script: [{ callBack }] });
    const { retreats } = await deploy({ callbackSecret: CALLBACK_SECRET, bootPolicy: "persistent" });
    assert.match(retreats.join(), /nothing was read.*VirtualMedia\/2 by action/);
  });

  it("are given up before the machine is switched on where the BMC reads at insert and did not", async () => {
    const profile = withSlots("dell-idrac9", { "1": { isBootable: false, isDead: true } });
    const differs = { readsWithinMs: 1_500 };
    const row = { name: "reads-at-insert", match: { vendor: "dell" }, differs, why: "a test", seen: "here" };
    await begin({ profile, quirks: [...QUIRKS, row] });
    const { ended, retreats } = await deploy();
    assert.match(retreats.join(), /nothing was read from the disc/);
    assert.ok(ended.evidence.some(({ what }: { what: string }) => what === "read-at-insert"));
    assert.equal(product.bmc.actions.filter((one) => one.what === "reset").length, 1);
  });

  it("lead to a maker's own switch for the boot where no override is taken", async () => {
    await begin({ profile: "hpe-ilo5" });
    product.bmc.failNext("PATCH Systems/1", { status: 405, times: 99 });
    const { retreats } = await deploy();
    assert.match(retreats.join(), /was answered 405.*booted by next-reset/);
    assert.equal(product.bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
  });

  for (const [what, request] of Object.entries({
    "an insert": "POST VirtualMedia.InsertMedia",
    "an override": "PATCH Systems/1",
    "a reset": "POST ComputerSystem.Reset",
  }))
    it(`are kept where ${what} is refused for now by a message that a row knows, and left where none does`, async () => {
      const later = { status: 400, messageId: "Contoso.1.0.ComeBackLater", message: "Not yet." };
      const refuse = () => product.bmc.failNext(request, { status: 400, body: errorOf(later), times: 4 });
      await begin({});
      refuse();
      assert.equal((await product.deploy()).state, "failed");
      await product.stop();
      const differs = { busyMessages: ["ComeBackLater"] };
      const row = {
        name: "comes-back-later",
        match: { vendor: "contoso" },
        differs,
        why: "a test",
        seen: "here",
      };
      await begin({ quirks: [row] });
      refuse();
      const { ended, retreats } = await deploy();
      assert.deepEqual(retreats, []);
      const opened = (await product.events(ended.id)).find(
        ({ type, step }) => type === "step-done" && step === "open-bmc",
      );
      assert.match(opened.detail, /quirks: comes-back-later/);
    });

  it("include a configuration that is mounted, and taken out whole", async () => {
    await begin({ profile: "supermicro-x11" });
    await deploy({
      callbackSecret: "callback-secret-that-the-iso-knows-0001",
      finish: "disc-read",
      eject: "never",
    });
    assert.equal(product.bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
    const ejected = await product.call("POST", `/v1/nodes/${product.bmc.name}/media/eject?waitMs=5000`, {});
    assert.equal(ejected.status, 200, JSON.stringify(ejected.body));
    assert.equal(product.bmc.slot().image, null);
  });
});
