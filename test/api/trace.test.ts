import assert from "node:assert/strict";
import { traceOf } from "../../src/api/trace.ts";

const ID = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";

describe("the trace of a request", () => {
  const read = (traceparent: string | string[] | undefined) =>
    traceOf({ headers: traceparent === undefined ? {} : { traceparent: traceparent as string } });

  it("is read by the words of W3C Trace Context, and of later versions as far as they are known", () => {
    assert.equal(read(`00-${ID}-01`), `00-${ID}-01`);
    assert.equal(read(`00-${ID}-00`), `00-${ID}-00`);
    assert.equal(read(`cc-${ID}-01`), `00-${ID}-01`);
    assert.equal(read(`cc-${ID}-01-what-comes-later`), `00-${ID}-01`);
  });

  it("is none where what is named does not stand", () => {
    const wrong = [
      undefined,
      "",
      `ff-${ID}-01`,
      `00-${ID}-01-more`,
      `00-${ID}-1`,
      `00-${ID}`,
      `00-${ID.toUpperCase()}-01`,
      `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
      `00-4bf92f3577b34da6a3ce929d0e0e4736-${"0".repeat(16)}-01`,
      `00-${ID}-01\r\nx: y`,
      [`00-${ID}-01`, `00-${ID}-01`],
    ];
    for (const one of wrong) assert.equal(read(one), undefined, String(one));
  });
});
