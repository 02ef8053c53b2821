import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRange } from "../../src/images/serve/range.ts";

describe("a Range header on 1000 bytes", () => {
  const cases: [string | undefined, unknown][] = [
    [undefined, "whole"],
    ["bytes=0-0", { start: 0, end: 1 }],
    ["bytes=0-499", { start: 0, end: 500 }],
    ["bytes=500-", { start: 500, end: 1000 }],
    ["bytes=999-999", { start: 999, end: 1000 }],
    ["bytes=900-5000", { start: 900, end: 1000 }],
    ["bytes=900-99999999999999999999999", { start: 900, end: 1000 }],
    ["bytes=-1", { start: 999, end: 1000 }],
    ["bytes=-5000", { start: 0, end: 1000 }],
    ["BYTES = 0-9", { start: 0, end: 10 }],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=1000-", "unsatisfiable"],
    ["bytes=1000-2000", "unsatisfiable"],
    ["bytes=99999999999999999999-", "unsatisfiable"],
    ["bytes=500-100", "whole"],
    ["bytes=-", "whole"],
    ["bytes=a-b", "whole"],
    ["bytes=1-2x", "whole"],
    ["items=0-5", "whole"],
    ["bytes=0-1,5-6", "whole"],
  ];
  for (const [header, meant] of cases)
    it(`${header} means ${JSON.stringify(meant)}`, () => assert.deepEqual(parseRange(header, 1000), meant));

  it("finds nothing to send of an empty disc", () =>
    assert.equal(parseRange("bytes=0-", 0), "unsatisfiable"));

  it("names exactly the bytes that it says, as an array would give them", () => {
    const edge = fc.option(fc.nat(60), { nil: undefined });
    const property = fc.property(fc.nat(40), edge, edge, (size, first, last) => {
      const bytes = Array.from({ length: size }, (_, index) => index);
      const wanted = first === undefined ? lastOf(bytes, last ?? 0) : bytes.slice(first, (last ?? size) + 1);
      const range = parseRange(`bytes=${first ?? ""}-${last ?? ""}`, size);
      const isSense =
        (first ?? last) !== undefined && !(first !== undefined && last !== undefined && last < first);
      if (!isSense) assert.equal(range, "whole");
      else if (wanted.length === 0) assert.equal(range, "unsatisfiable");
      else assert.deepEqual(range, { start: wanted[0], end: wanted.at(-1)! + 1 });
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("never leads outside of what there is, whatever it says", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^bytes=[\d,\- ]*$/));
    const property = fc.property(text, fc.nat(), (header, size) => {
      const range = parseRange(header, size);
      if (typeof range === "string") return;
      assert.ok(range.start >= 0 && range.start < range.end && range.end <= size, JSON.stringify(range));
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

const lastOf = <T>(items: T[], count: number): T[] => (count === 0 ? [] : items.slice(-count));
