import assert from "node:assert/strict";
import { parseRetryAfter } from "../../src/redfish/retry-after.ts";

const NOW = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");

describe("Retry-After", () => {
  const cases: [string | undefined, number | undefined][] = [
    ["5", 5_000],
    ["0", 0],
    ["Wed, 21 Oct 2026 07:28:30 GMT", 30_000],
    ["Wed, 21 Oct 2026 07:27:00 GMT", 0],
    ["999999", 600_000],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ];
  for (const [header, expected] of cases)
    it(`reads ${JSON.stringify(header)} as ${expected} ms`, () =>
      assert.equal(parseRetryAfter(header, NOW), expected));
});
