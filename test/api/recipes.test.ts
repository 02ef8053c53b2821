import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { deploymentInput } from "../../src/api/schemas/deployment.ts";
import { run } from "../cli/fixture.ts";
import { startApi, stopAll } from "./fixture.ts";

const FOLDER = join(import.meta.dirname, "../../docs/recipes");
const RECIPES = globSync(join(FOLDER, "*.yaml"));

describe("recipes", () => {
  afterEach(stopAll);

  it("are there for each way to install that people ask for, and listed", () => {
    const page = readFileSync(join(FOLDER, "README.md"), "utf8");
    for (const file of RECIPES) assert.ok(page.includes(`(${basename(file)})`), `${file} is not listed`);
    assert.ok(RECIPES.length >= 7);
  });

  for (const file of RECIPES)
    it(`${basename(file)} is a request that the API understands and accepts`, async () => {
      const request = deploymentInput.safeParse({ node: "rack1-u07", ...parse(readFileSync(file, "utf8")) });
      assert.deepEqual(request.error?.issues ?? [], []);
      const api = await startApi();
      await api.call("PUT", "/v1/settings/agent-images", {
        x86_64: { kernel: { url: "https://images.example/k" }, ramdisk: { url: "https://images.example/r" } },
      });
      const bmc = { address: "https://10.0.7.21", username: "root", password: "p" };
      assert.equal((await api.call("POST", "/v1/nodes", { name: "rack1-u07", bmc })).status, 201);
      const said = await run(api, ["deploy", "--from", file, "--node", "rack1-u07", "--json"]);
      assert.equal(said.status, 0, said.err);
      assert.equal(said.json.state, "queued");
    });
});
