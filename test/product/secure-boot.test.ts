import assert from "node:assert/strict";
import { variantOf } from "../bmc-simulator/index.ts";
import { type Product, type ProductOptions, startProduct } from "./fixture.ts";

describe("Secure Boot", () => {
  let product: Product;
  afterEach(() => product.stop());

  async function begin(options: ProductOptions = {}): Promise<void> {
    product = await startProduct(options);
    await product.addNode();
  }
  const starts = () => product.bmc.actions.filter((one) => one.what === "reset" && one.type === "On").length;
  const resource = async () => {
    const { address, username, password } = product.bmc;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    const answer = await fetch(`${address}/redfish/v1/Systems/1/SecureBoot`, { headers: { authorization } });
    return (await answer.json()) as Record<string, unknown>;
  };

  it("is on when the disc is booted, where that is required, and proven by the boot before", async () => {
    await begin();
    const ended = await product.deploy({ secureBoot: "required" });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal(ended.request.secureBoot, "required");
    const proof = ended.evidence.find(({ what }: { what: string }) => what === "secure-boot");
    assert.deepEqual([proof.how, proof.strength], ["Secure Boot reads on", "strong"]);
    assert.equal((await resource())["SecureBootCurrentBoot"], "Enabled");
    assert.equal(starts(), 2);
    assert.equal(product.bmc.bootedFrom?.volumeLabel, "TRAYLOAD");
  });

  it("costs no boot where it is as it is wanted already, and is taken off where it is forbidden", async () => {
    await begin();
    await product.deploy({ secureBoot: "forbidden" });
    assert.equal(starts(), 1);
    await product.deploy({ secureBoot: "required" });
    const ended = await product.deploy({ secureBoot: "forbidden" });
    assert.equal(ended.state, "succeeded", JSON.stringify(ended.error));
    assert.equal((await resource())["SecureBootEnable"], false);
  });

  for (const [what, mode, told] of [
    ["the BMC shows none", null, /shows no Secure Boot/],
    ["there are no keys for it", "SetupMode", /has no keys/],
  ] as const)
    it(`is refused before the machine is touched where ${what}`, async () => {
      await begin({ profile: variantOf("generic", { boot: { secureBoot: mode } }) });
      const ended = await product.deploy({ secureBoot: "required" });
      assert.deepEqual([ended.state, ended.error.code], ["failed", "secure-boot-unsupported"]);
      assert.match(ended.error.message, told);
      assert.deepEqual(product.bmc.actions, []);
    });

  it("fails the deployment where the BMC takes the setting and does not keep it", async () => {
    await begin();
    product.bmc.failNext("PATCH SecureBoot", { status: 204, body: "", times: 9 });
    const ended = await product.deploy({ secureBoot: "required" });
    assert.deepEqual([ended.state, ended.error.code], ["failed", "secure-boot-not-set"]);
  });
});
