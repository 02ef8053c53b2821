import assert from "node:assert/strict";
import { type Profile, profileNamed, type Refusal, variantOf } from "../bmc-simulator/index.ts";
import { type Product, startProduct } from "./fixture.ts";

const NOT_ACCESSIBLE: Refusal = {
  status: 500,
  messageId: "IDRAC.2.8.RAC0904",
  message: "Unable to complete the operation because the remote file location is not accessible.",
};
const BROKEN: Refusal = { status: 500, messageId: "InternalError", message: "The service is broken." };

/** The profile, with slots of these Ids that refuse every URL, while all others take them and can be booted. */
function refusing(name: string, refusals: Record<string, Refusal>): Profile {
  const slots = profileNamed(name).media.slots.map(({ id, under, types }) => {
    const refuses = refusals[id];
    return { id, under, types, isBootable: refuses === undefined, ...(refuses && { refuses }) };
  });
  return variantOf(name, { media: { slots } });
}

describe("the ladder of slots", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function deployOver(profile: Profile) {
    product = await startProduct({ profile });
    await product.addNode();
    const ended = await product.deploy();
    const events = await product.events(ended.id);
    const retreats = events.filter(({ type }) => type === "step-retreated").map(({ why }) => why as string);
    return { ended, retreats };
  }
  const used = () => product.bmc.slots.flatMap(({ slot, image }) => (image === null ? [] : [slot.id]));

  it("goes on to the manager's slots where the system's own do not take the image", async () => {
    const profile = refusing("dell-idrac9", { "1": NOT_ACCESSIBLE, "2": NOT_ACCESSIBLE });
    const { ended, retreats } = await deployOver(profile);
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.deepEqual(used(), ["CD"]);
    assert.equal(retreats.length, 2);
    for (const why of retreats) assert.match(why, /RAC0904/);
  });

  it("gives a slot up that fails again and again, and uses the next", async () => {
    const { ended, retreats } = await deployOver(refusing("eager", { "1": BROKEN }));
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.deepEqual(used(), ["2"]);
    assert.equal(retreats.length, 1);
    const tries = product.bmc.requests.filter(({ path }) =>
      path.endsWith("/1/Actions/VirtualMedia.InsertMedia"),
    );
    assert.equal(tries.length, 3);
  });

  it("fails with the BMC's own words where no slot is left", async () => {
    const all = Object.fromEntries(["1", "2", "CD"].map((id) => [id, NOT_ACCESSIBLE]));
    const { ended, retreats } = await deployOver(refusing("dell-idrac9", all));
    assert.equal(ended.state, "failed");
    assert.equal(ended.error.code, "bmc-rejected");
    assert.match(ended.error.message, /RAC0904.*not accessible/);
    assert.equal(retreats.length, 2);
  });
});
