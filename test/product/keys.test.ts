import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../cli/fixture.ts";
import { type Product, startProduct } from "./fixture.ts";
import { until } from "../until.ts";

const SECRET = "callback-secret-that-the-iso-knows-0002";

describe("the master key of a server that runs", () => {
  let product: Product;
  beforeEach(async () => {
    product = await startProduct();
    await product.addNode();
  });
  afterEach(() => product.stop());

  async function type(...words: string[]) {
    const { apiUrl, admin } = product.trayload;
    const env = {
      TRAYLOAD_DATA_DIR: product.folder,
      TRAYLOAD_URL: apiUrl!,
      TRAYLOAD_TOKEN: admin.token,
    };
    return run(undefined, words, { env });
  }
  const keys = async () =>
    (await type("key", "list", "--json")).json.items as { id: string; does: string[]; sealed: number }[];

  it("is rotated under a deployment that runs, and the old one is removed when nothing needs it", async () => {
    const [old] = await keys();
    assert.deepEqual(old!.does, ["seals", "derives"]);
    const { body } = await product.submit({ callbackSecret: SECRET });
    await until(
      async () => (await product.call("GET", `/v1/deployments/${body.id}`)).body.step === "wait-for-finish",
    );
    const rotated = await type("key", "rotate", "--json");
    const { id } = rotated.json;
    await until(async () => (await keys()).find((key) => key.id === old!.id)?.sealed === 0);
    assert.deepEqual(
      (await keys()).map(({ id: one, does }) => [one, does]),
      [
        [id, ["seals"]],
        [old!.id, ["opens", "derives"]],
      ],
    );
    const refused = await type("key", "remove", old!.id);
    assert.match(refused.err, /1 deployments and operations that have not ended .* \(key-in-use\)/);
    await fetch(`${product.trayload.provisionUrl}/c/${SECRET}`, { method: "POST" });
    const ended = await product.end(body.id);
    assert.deepEqual([ended.state, ended.clean], ["succeeded", true], JSON.stringify(ended.error));
    await until(async () => (await type("key", "remove", old!.id)).status === 0);
    assert.doesNotMatch(readFileSync(join(product.folder, "master-key"), "utf8"), new RegExp(old!.id));
    await until(async () => (await keys()).length === 1);
    await product.restart();
    assert.equal((await product.deploy({ finish: "powered-on", eject: "never" })).state, "succeeded");
  });

  it("waits for its turn when it was only prepared, and nothing is sealed under it until then", async () => {
    const { json } = await type("key", "rotate", "--prepare", "--json");
    await until(async () => (await keys()).length === 2);
    assert.deepEqual((await keys())[0], { id: json.id, does: ["waits"], sealed: 0 });
    const again = await type("key", "rotate", "--prepare");
    assert.match(again.err, /holds a key that waits already/);
    assert.equal((await type("key", "rotate", "--json")).json.id, json.id);
    await until(async () => (await keys())[0]!.does[0] === "seals");
  });

  it("stays while it is the only one, and while something is sealed under it", async () => {
    const [only] = await keys();
    assert.match((await type("key", "remove", only!.id)).err, /1 secrets are sealed under it \(key-in-use\)/);
    assert.match((await type("key", "remove", "nobody")).err, /the server knows no such key/);
  });
});
