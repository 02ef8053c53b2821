import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTinyIso } from "../media/tiny-iso.ts";
import { type Product, startProduct } from "./fixture.ts";

describe("an ISO within an archive", () => {
  let product: Product;
  before(async () => {
    product = await startProduct({ count: 1 });
    writeFileSync(join(product.folder, "rescue.iso"), makeTinyIso());
    const archive = join(product.folder, "rescue.tar.gz");
    execFileSync("tar", ["-C", product.folder, "-czf", archive, "rescue.iso"]);
    product.iso.content = readFileSync(archive);
    await product.addNode();
  });
  after(() => product.stop());

  it("is booted from, and is named where the archive has no such file", async () => {
    const { url } = product.iso;
    const done = await product.deploy({ boot: { iso: { url, member: "rescue.iso" } } });
    assert.equal(done.state, "succeeded", JSON.stringify(done.error));
    const failed = await product.deploy({ boot: { iso: { url, member: "other.iso" } } });
    assert.equal(failed.error.code, "image-member-not-found");
    assert.match(failed.error.hint, /rescue\.iso/);
  });
});
