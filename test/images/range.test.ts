import assert from "node:assert/strict";
import { parseRange } from "../../src/images/range.ts";

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
});
