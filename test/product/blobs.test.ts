import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Product, startProduct } from "./fixture.ts";

describe("parts of requests that are sent ahead", () => {
  let product: Product;
  before(async () => {
    product = await startProduct({ count: 1 });
  });
  after(() => product.stop());
  const post = async (body: Buffer): Promise<{ status: number; body: Record<string, unknown> }> => {
    const { apiUrl, admin } = product.trayload;
    const response = await fetch(`${apiUrl}/v1/blobs`, {
      method: "POST",
      headers: { authorization: `Bearer ${admin.token}`, "content-type": "application/octet-stream" },
      body: new Uint8Array(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it("are named by what comes back, and unreadable where they are kept", async () => {
    const content = Buffer.concat([Buffer.from("canary-of-the-blob"), randomBytes(2_000_000)]);
    const { status, body } = await post(content);
    assert.equal(status, 201);
    assert.match(String(body.blob), /^blob_[0-9A-Z]{26}$/);
    assert.equal(body.sizeBytes, content.length);
    assert.equal(body.digest, `sha256:${createHash("sha256").update(content).digest("hex")}`);
    for (const name of ["trayload.db", "trayload.db-wal"]) {
      const kept = readFileSync(join(product.folder, name)).toString("latin1");
      assert.ok(!kept.includes("canary-of-the-blob"), name);
      assert.ok(!kept.includes(btoa("canary-of-the-blob").slice(0, 20)), name);
    }
  });

  it("are refused empty, and beyond 64 MiB", async () => {
    assert.equal((await post(Buffer.alloc(0))).body.code, "invalid-field");
    const { status, body } = await post(Buffer.alloc(64 * 2 ** 20 + 1));
    assert.deepEqual([status, body.code], [413, "body-too-large"]);
  });
});
