import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesOfContent, contentOfBytes, createExtentWriter } from "../../../src/images/content.ts";

describe("bytes as extents", () => {
  it("are the same bytes, whatever runs of zeros they hold", () => {
    const run = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      fc.integer({ min: 1, max: 300 }).map((length) => new Uint8Array(length)),
    );
    const property = fc.property(fc.array(run, { maxLength: 8 }), (runs) => {
      const whole = Buffer.concat(runs);
      const one = contentOfBytes(whole);
      assert.ok(bytesOfContent(one).equals(whole));
      assert.equal(one.sizeBytes, whole.length);
      const writer = createExtentWriter();
      for (const part of runs) writer.content(contentOfBytes(part));
      assert.equal(writer.at, whole.length);
      assert.ok(bytesOfContent({ sizeBytes: writer.at, extents: writer.extents() }).equals(whole));
    });
    fc.assert(property, { numRuns: 300 });
  });

  it("do not store long runs of zeros", () => {
    const { extents } = contentOfBytes(
      Buffer.concat([Buffer.from("a"), Buffer.alloc(5_000), Buffer.from("b")]),
    );

    assert.deepEqual(
      extents.map(({ kind, length }) => [kind, length]),
      [
        ["bytes", 1],
        ["zeros", 5_000],
        ["bytes", 1],
      ],
    );
  });

  it("cannot be put where others are already", () => {
    const writer = createExtentWriter();
    writer.bytes(Buffer.from("four"));

    assert.throws(() => writer.zerosTo(3), /4 bytes were written where 3 have room/);
  });
});
