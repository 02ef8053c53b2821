import assert from "node:assert/strict";
import { type DiscReads, mergeDiscReads } from "../../src/images/index.ts";

const row = (facts: Partial<DiscReads>): DiscReads => ({
  firstReadAt: null,
  lastReadAt: null,
  totalBytes: 0,
  blocksCovered: 0,
  blocks: 100,
  catalogueReadAt: null,
  bootImageReadAt: null,
  beyondReadAt: null,
  bootReads: [],
  bytesPerSecond: 0,
  readers: [],
  ...facts,
});
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

describe("read counts of several writers", () => {
  it("add bytes up and count a block once that two of them sent", () => {
    const merged = mergeDiscReads([
      row({ totalBytes: 10, blocksCovered: 4, coverage: "0-3", firstReadAt: at(5), lastReadAt: at(20) }),
      row({ totalBytes: 20, blocksCovered: 4, coverage: "2-5", firstReadAt: at(1), lastReadAt: at(9) }),
    ]);
    assert.equal(merged?.totalBytes, 30);
    assert.equal(merged?.blocksCovered, 6);
    assert.equal(merged?.coverage, "0-5");
    assert.equal(merged?.firstReadAt, at(1));
    assert.equal(merged?.lastReadAt, at(20));
  });

  it("are never below what one of them knows, where it could not name its blocks", () => {
    const merged = mergeDiscReads([row({ blocksCovered: 50 }), row({ blocksCovered: 1, coverage: "7-7" })]);
    assert.equal(merged?.blocksCovered, 50);
    assert.equal(merged?.coverage, undefined);
  });

  it("count no rate of a writer that has long been silent", () => {
    const old = row({ bytesPerSecond: 1_000, lastReadAt: at(0) });
    const now = row({ bytesPerSecond: 5, lastReadAt: at(30) });
    assert.equal(mergeDiscReads([old, now])?.bytesPerSecond, 5);
  });

  it("are nothing without a row", () => assert.equal(mergeDiscReads([]), undefined));
});
