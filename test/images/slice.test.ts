import assert from "node:assert/strict";
import fc from "fast-check";
import type { Extent } from "../../src/images/index.ts";
import { slice } from "../../src/images/disc.ts";

const BLOBS: Record<string, Buffer> = {
  one: Buffer.from(Array.from({ length: 200 }, (_, index) => index)),
  two: Buffer.from(Array.from({ length: 200 }, (_, index) => 255 - index)),
};

function bytesOf(extents: readonly Extent[]): Buffer {
  const parts = extents.map((extent) => {
    if (extent.kind === "blob")
      return BLOBS[extent.digest]!.subarray(extent.offset, extent.offset + extent.length);
    if (extent.kind === "zeros") return Buffer.alloc(extent.length);
    const bytes = Buffer.from(extent.base64, "base64");
    assert.equal(bytes.length, extent.length);
    return bytes;
  });
  return Buffer.concat(parts);
}

describe("a slice of a disc", () => {
  it("holds the bytes of its range and no others, whatever the disc is made of", () => {
    const blob = fc
      .tuple(fc.constantFrom("one", "two"), fc.nat(100), fc.integer({ min: 1, max: 100 }))
      .map(([digest, offset, length]): Extent => ({ kind: "blob", digest, offset, length }));
    const own = fc.uint8Array({ minLength: 1, maxLength: 50 }).map(
      (bytes): Extent => ({
        kind: "bytes",
        base64: Buffer.from(bytes).toString("base64"),
        length: bytes.length,
      }),
    );
    const zeros = fc.integer({ min: 1, max: 50 }).map((length): Extent => ({ kind: "zeros", length }));
    const property = fc.property(
      fc.array(fc.oneof(blob, own, zeros), { minLength: 1, maxLength: 8 }),
      fc.nat(1_000),
      fc.nat(1_000),
      (extents, from, length) => {
        const whole = bytesOf(extents);
        const start = from % whole.length;
        const end = Math.min(start + 1 + length, whole.length);
        const parts = slice(extents, { start, end });
        assert.ok(bytesOf(parts).equals(whole.subarray(start, end)));
        assert.ok(parts.every((part) => part.length > 0));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
