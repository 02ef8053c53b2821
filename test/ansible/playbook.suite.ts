import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Product, startProduct } from "../product/fixture.ts";

const run = promisify(execFile);
const PLAYBOOK = join(import.meta.dirname, "../../examples/deploy.yaml");

/** Ansible as Debian has it, which needs nothing but its own `uri`. */
describe("the example with Ansible", () => {
  let product: Product | undefined;
  before(async function () {
    const { status } = spawnSync("ansible-playbook", ["--version"]);
    if (status !== 0) {
      const remedy = "apt-get install --no-install-recommends ansible-core";
      if (process.env["CI"] === "true") throw new Error(`Ansible is missing; ${remedy}`);
      console.warn(`    skipped, as Ansible is missing: ${remedy}`);
      this.skip();
    }
    product = await startProduct({ count: 2 });
    for (const bmc of product.lab.bmcs) assert.equal((await product.addNode(bmc)).status, 201);
  });
  after(() => product?.stop());

  const play = (given: Record<string, unknown>) => {
    const { apiUrl, admin } = product!.trayload;
    const env = {
      ...process.env,
      TRAYLOAD_URL: apiUrl!,
      TRAYLOAD_TOKEN: admin.token,
      ANSIBLE_HOME: product!.folder,
      ANSIBLE_LOCALHOST_WARNING: "false",
      ANSIBLE_NOCOLOR: "true",
      // It runs nowhere else.
      LC_ALL: "C.UTF-8",
    };
    return run("ansible-playbook", [PLAYBOOK, "-e", JSON.stringify(given)], { env });
  };

  it("deploys machines and waits for their proofs, and does nothing twice for one run", async () => {
    const nodes = product!.lab.bmcs.map(({ name }) => name);
    const given = { nodes, iso: product!.iso.url, run: "4711" };
    for (let n = 0; n < 2; n += 1) {
      const { stdout } = await play(given);
      assert.match(stdout, /failed=0/);
      assert.doesNotMatch(stdout, new RegExp(product!.trayload.admin.token));
    }
    const { body } = await product!.call("GET", "/v1/deployments?label=run:4711&fields=state");
    assert.deepEqual(
      (body.items as { state: string }[]).map(({ state }) => state),
      ["succeeded", "succeeded"],
    );
  });

  it("fails with the reason where a deployment fails", async () => {
    const nodes = [product!.bmc.name];
    product!.iso.statuses = Array.from({ length: 20 }, () => 404);
    const played = play({ nodes, iso: product!.iso.url.replace(/[^/]+$/, "missing.iso"), run: "4712" });
    await assert.rejects(played, ({ stdout }: { stdout: string }) => {
      assert.match(stdout, /image-not-found/);
      assert.doesNotMatch(stdout, new RegExp(product!.trayload.admin.token));
      return true;
    });
  });
});
