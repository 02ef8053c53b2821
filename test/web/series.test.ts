import assert from "node:assert/strict";
import {
  addPoint,
  type Point,
  pointOfEvent,
  pointOfSample,
  ratesOf,
} from "../../src/web/page/deployment/series.ts";

const AT = "2026-01-01T00:00:10.000Z";
const atMs = Date.parse(AT);
const point = (seconds: number, share: number, bytesPerSecond: number | null = null): Point => ({
  atMs: seconds * 1000,
  share,
  bytesPerSecond,
});
const build = (points: Point[]) => points.reduce<Point[]>(addPoint, []);

describe("the plot of a disc's reads", () => {
  it("joins milestones of the past and samples of now, in order of time", () => {
    const series = build([point(10, 0.5, 7), point(0, 0), point(4, 0.2)]);
    assert.deepEqual(
      series.map(({ atMs: at, share }) => [at, share]),
      [
        [0, 0],
        [4000, 0.2],
        [10_000, 0.5],
      ],
    );
  });

  it("makes its points of events and samples", () => {
    const record = { recordId: "dep_1", seq: 9, at: AT };
    assert.deepEqual(pointOfEvent({ ...record, type: "disc-read", milestone: "tenth", percent: 30 }), {
      atMs,
      share: 0.3,
      bytesPerSecond: null,
    });
    assert.equal(pointOfEvent({ ...record, type: "started" }), undefined);
    const sample = { percent: 40, discShare: 0.4, bytesPerSecond: 5, discBytesRead: 4, discSizeBytes: 10 };
    const times = { sampledAt: "2026-01-01T00:00:12.000Z", lastReadAt: AT, etaAt: null, etaFrom: null };
    assert.deepEqual(pointOfSample({ ...sample, ...times }), { atMs, share: 0.4, bytesPerSecond: 5 });
    assert.equal(pointOfSample({ ...sample, ...times, lastReadAt: null }), undefined);
  });

  it("never falls, and says the same thing once", () => {
    const series = build([point(1, 0.4), point(2, 0.3), point(2, 0.3)]);
    assert.deepEqual(
      series.map(({ share }) => share),
      [0.4, 0.4],
    );
  });

  it("knows the rate between milestones from what lies between them, a second apart at least", () => {
    const rates = ratesOf([point(0, 0), point(2, 0.5), point(3, 0.5, 9)], 1000);
    assert.deepEqual(rates, [
      { atMs: 2000, rate: 250 },
      { atMs: 3000, rate: 9 },
    ]);
    const [, , close] = ratesOf(
      [point(0, 0), point(0.5, 0), point(4, 0.4), point(4.01, 0.4), point(4.02, 0.5)],
      1000,
    );
    assert.equal(Math.round(close!.rate), 142);
  });

  it("stays small however long it goes on, and keeps the first and the newest", () => {
    const series = build(Array.from({ length: 3000 }, (_, second) => point(second, second / 3000)));
    assert.ok(series.length <= 480);
    assert.deepEqual([series[0]!.atMs, series.at(-1)!.atMs], [0, 2_999_000]);
  });
});
