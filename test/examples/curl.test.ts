import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Product, startProduct } from "../product/fixture.ts";

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, "../../examples/deploy.sh");

describe("the example with curl", () => {
  let product: Product;
  before(async () => {
    product = await startProduct();
    assert.equal((await product.addNode()).status, 201);
  });
  after(() => product.stop());

  const deploy = (node: string, url: string) => {
    const { apiUrl, admin } = product.trayload;
    const env = { ...process.env, TRAYLOAD_URL: apiUrl!, TRAYLOAD_TOKEN: admin.token };
    return run(SCRIPT, [node, url], { env });
  };

  it("deploys a machine and waits for the proof", async () => {
    const { stdout } = await deploy(product.bmc.name, product.iso.url);
    assert.match(stdout, /^dep_\w{26} is accepted\n/);
    assert.match(stdout, /\nsucceeded, null\n$/);
    assert.equal(product.bmc.bootedFrom?.from, "disc");
  });

  it("shows the API's own words and fails", async () => {
    await assert.rejects(
      deploy("nobody", product.iso.url),
      ({ code, stderr }: { code: number; stderr: string }) => {
        assert.equal(code, 1);
        assert.match(stderr, /node-not-found/);
        return true;
      },
    );
  });
});
