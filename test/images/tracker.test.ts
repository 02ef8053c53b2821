import assert from "node:assert/strict";
import { setImmediate, setTimeout as delay } from "node:timers/promises";
import {
  createReadTracker,
  type Disc,
  type DiscReads,
  mergeDiscReads,
  type ReadTracker,
} from "../../src/images/index.ts";
import { until } from "../until.ts";

const DISC: Disc = {
  id: "disc_1",
  sizeBytes: 10 * 65_536,
  extents: [],
  etag: "tag",
  boot: {
    catalogue: { start: 40_960, end: 43_008 },
    images: [{ platform: "bios", start: 45_056, end: 47_104 }],
  },
};

describe("a read tracker", () => {
  let rows: Map<string, DiscReads>;
  let saves: number;
  let loads: number;
  let broken: boolean;
  let told: string[];
  let owners: Set<string>;
  let errors: unknown[];
  let now: number;
  let trackers: ReadTracker[];

  function open(facts: { flushMs?: number; idleMs?: number } = {}): ReadTracker {
    const tracker = createReadTracker({
      counts: {
        async save(discId, process, reads) {
          await setImmediate();
          if (broken) throw new Error("the database is away");
          saves += 1;
          rows.set(`${discId} ${process}`, structuredClone(reads));
        },
        async load() {
          loads += 1;
          return mergeDiscReads([...rows.values()]);
        },
        loadAll: async () => new Map(),
      },
      process: "p",
      clock: () => now,
      async onMilestone({ owner, milestone, percent }) {
        const kept = mergeDiscReads([...rows.values()]);
        assert.ok((kept?.totalBytes ?? 0) > 0, "was told before it was kept");
        owners.add(owner);
        told.push(`${milestone} ${percent}`);
      },
      onError: (error) => errors.push(error),
      flushMs: 10,
      ...facts,
    });
    trackers.push(tracker);
    return tracker;
  }
  const read = (tracker: ReadTracker, block: number, owner = "dep_1"): void => {
    const start = block * 65_536;
    const range = { start, end: start + 65_536, requestStart: start };
    tracker.add(DISC, range, { reader: "10.0.0.7", owner });
  };

  beforeEach(() => {
    rows = new Map();
    [saves, loads, broken, told, errors, now, trackers] = [0, 0, false, [], [], 1_000_000, []];
    owners = new Set();
  });
  afterEach(async () => {
    for (const tracker of trackers) await tracker.close();
    assert.deepEqual(errors, []);
  });

  it("keeps the counts before it says what was reached", async () => {
    read(open(), 0);
    await until(() => told.length === 4);
    assert.deepEqual(told, ["first-byte 10", "boot-image 10", "beyond-boot-image 10", "tenth 10"]);
    assert.deepEqual([...rows.values()][0]?.readers, ["10.0.0.7"]);
  });

  it("keeps many reads as few rows", async () => {
    const tracker = open({ flushMs: 600_000 });
    for (let count = 0; count < 500; count += 1) {
      read(tracker, 0);
      await setImmediate();
    }
    await tracker.close();
    assert.ok(saves <= 4, `${saves} rows were written`);
    assert.equal([...rows.values()][0]?.totalBytes, 500 * 65_536);
  });

  it("tells what was reached later when it could not be kept at once", async () => {
    broken = true;
    read(open(), 0);
    await until(() => errors.length > 0);
    assert.deepEqual(told, []);
    broken = false;
    await until(() => told.length === 4);
    assert.match(String(errors.splice(0)[0]), /the database is away/);
  });

  it("adds up over restarts, in rows of each life's own", async () => {
    const first = open();
    read(first, 0);
    await first.close();
    const second = open();
    read(second, 0);
    read(second, 1);
    await second.close();
    assert.equal(rows.size, 2);
    const whole = mergeDiscReads([...rows.values()]);
    assert.equal(whole?.totalBytes, 3 * 65_536);
    assert.equal(whole?.blocksCovered, 2);
    assert.equal(told.filter((milestone) => milestone.startsWith("first-byte")).length, 1);
  });

  it("tells whoever looks after the disc now", async () => {
    const tracker = open();
    read(tracker, 0);
    await until(() => told.length === 4);
    read(tracker, 1, "op_2");
    await until(() => told.length === 5);
    assert.deepEqual([...owners], ["dep_1", "op_2"]);
  });

  it("forgets a disc that nobody reads, and goes on with it when somebody does", async () => {
    const tracker = open({ idleMs: 20 });
    read(tracker, 0);
    await until(() => told.length === 4);
    let reads = 1;
    await until(async () => {
      now += 1000;
      await delay(50);
      read(tracker, 1);
      reads += 1;
      return loads === 2;
    });
    await tracker.close();
    assert.equal(rows.size, 2, "a new row was begun");
    assert.equal(mergeDiscReads([...rows.values()])?.totalBytes, reads * 65_536);
  });
});
