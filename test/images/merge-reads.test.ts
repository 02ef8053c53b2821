import assert from "node:assert/strict";
import fc from "fast-check";
import { type Disc, type DiscReads, mergeDiscReads, NOTHING_READ } from "../../src/images/index.ts";
import { createReadLog } from "../../src/images/read-log.ts";

const row = (facts: Partial<DiscReads>): DiscReads => ({ ...NOTHING_READ, blocks: 100, ...facts });
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

  it("say the same of the same reads, whoever has sent them and however often he was restarted", () => {
    const disc: Disc = {
      id: "disc_1",
      sizeBytes: 40 * 65_536 - 7,
      extents: [],
      etag: "tag",
      boot: { catalogue: { start: 40_960, end: 43_008 }, images: [] },
    };
    const step = fc.record({
      writer: fc.nat(2),
      restarts: fc.boolean(),
      start: fc.nat(disc.sizeBytes - 1),
      length: fc.integer({ min: 1, max: 200_000 }),
    });
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const alone = createReadLog(disc, undefined);
      const ended: DiscReads[] = [];
      const logs = new Map<number, ReturnType<typeof createReadLog>>();
      const all = () => mergeDiscReads([...ended, ...[...logs.values()].map((log) => log.row())]);
      for (const [second, { writer, restarts, start, length }] of steps.entries()) {
        if (restarts && logs.has(writer)) ended.push(logs.get(writer)!.row());
        const log = (restarts ? undefined : logs.get(writer)) ?? createReadLog(disc, all());
        logs.set(writer, log);
        const range = { start, end: Math.min(start + length, disc.sizeBytes), requestStart: start };
        for (const one of [alone, log]) one.add(range, `10.0.0.${writer}`, second * 1_000);
      }
      const { bootReads: _, bytesPerSecond: __, readers, ...expected } = alone.row();
      const { bootReads: ___, bytesPerSecond: ____, ...merged } = all()!;
      assert.deepEqual(
        { ...merged, readers: merged.readers.toSorted() },
        { ...expected, readers: readers.toSorted() },
      );
    });
    fc.assert(property, { numRuns: 200 });
  });

  it("are nothing without a row", () => assert.equal(mergeDiscReads([]), undefined));
});
