import assert from "node:assert/strict";
import { benchCold } from "../../bench/cold.ts";

describe("the benchmark of a cold image", () => {
  it("has one image asked for by all at once, and counts what its source sent", async () => {
    const options = { nodes: 3, imageMib: 5, plainHttp: false, nodeArgs: [] };
    const { secondsUntilServed, ...result } = await benchCold(options, () => undefined);
    assert.equal(result.downloads, 1);
    assert.equal(result.bytesSentBySource, 5 * 2 ** 20);
    assert.equal(result.requestsToSource, 4);
    assert.ok(secondsUntilServed.first > 0);
    assert.ok(secondsUntilServed.last <= result.secondsUntilEnded);
  });
});
