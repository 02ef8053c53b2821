import assert from "node:assert/strict";
import { createWarmth, isLocal } from "../../src/images/serve/warmth.ts";

const PAGE = 4096;

function start(sizeBytes = 100 * PAGE) {
  let nowMs = 0;
  const warmth = createWarmth(sizeBytes, () => nowMs);
  return { warmth, pass: (ms: number) => (nowMs += ms) };
}

describe("what is known to lie in memory of a file", () => {
  it("is what was read, page by page, and nothing beside it", () => {
    const { warmth } = start();
    assert.equal(warmth.has(0, 1), false);
    warmth.note(2 * PAGE, 3 * PAGE);
    assert.equal(warmth.has(2 * PAGE, 3 * PAGE), true);
    assert.equal(warmth.has(4 * PAGE + 100, 1000), true);
    assert.equal(warmth.has(2 * PAGE - 1, 1), false);
    assert.equal(warmth.has(4 * PAGE, PAGE + 1), false);
  });

  it("is forgotten after a minute without a read, and not while it is read", () => {
    const { warmth, pass } = start();
    warmth.note(0, PAGE);
    warmth.note(PAGE, PAGE);
    for (let round = 0; round < 5; round += 1) {
      pass(20_000);
      assert.equal(warmth.has(0, PAGE), true);
      warmth.note(0, PAGE);
    }
    assert.equal(warmth.has(PAGE, PAGE), false);
  });

  it("is nothing for a minute once a read was slow, which kept everybody waiting", () => {
    const { warmth, pass } = start();
    warmth.note(0, PAGE);
    warmth.took(1);
    assert.equal(warmth.has(0, PAGE), true);
    warmth.took(12);
    warmth.note(0, PAGE);
    assert.equal(warmth.has(0, PAGE), false);
    pass(61_000);
    warmth.note(0, PAGE);
    assert.equal(warmth.has(0, PAGE), true);
  });

  it("is not asked behind the end", () => {
    const { warmth } = start(PAGE + 10);
    warmth.note(0, 100 * PAGE);
    assert.equal(warmth.has(PAGE, 10), true);
    assert.equal(warmth.has(50 * PAGE, 1), false);
  });

  it("counts for file systems of this machine alone", () => {
    assert.equal(isLocal(0xef53), true);
    const nfs = 0x6969;
    assert.equal(isLocal(nfs), false);
  });
});
