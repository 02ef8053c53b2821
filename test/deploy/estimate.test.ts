import assert from "node:assert/strict";
import {
  closestTimes,
  keyOf,
  type Likeness,
  likenessOf,
  lookOut,
  type RecordView,
  type StepTime,
  tookOf,
} from "../../src/deploy/index.ts";
import { newRecord } from "../database/fixture.ts";

const START = Date.parse("2026-01-05T12:00:00.000Z");
const at = (ms: number) => new Date(START + ms).toISOString();

function step(name: string, from?: number, to?: number): RecordView["steps"][number] {
  const state = to !== undefined ? "done" : from !== undefined ? "waiting" : "pending";
  const when = { startedAt: from === undefined ? null : at(from), endedAt: to === undefined ? null : at(to) };
  return { name, timeoutMs: 1, state, ...when, attempts: 1 };
}

const times = (means: Record<string, number>) =>
  new Map(
    Object.entries(means).map(([name, meanMs]): [string, StepTime] => [
      name,
      { step: name, meanMs, count: 3 },
    ]),
  );

const running = (...steps: RecordView["steps"]) => ({ state: "running", startedAt: at(0), steps }) as const;

describe("what is still to come of a deployment", () => {
  const known = times({ insert: 10_000, boot: 20_000, install: 70_000 });

  it("is what those before it took for the steps that are open, less what this one has taken", () => {
    const view = running(step("insert", 0, 10_000), step("boot", 10_000), step("install"));
    assert.deepEqual(lookOut(view, known, START + 15_000), { leftMs: 85_000, share: 0.15, count: 3 });
  });

  it("is the rest alone where a step takes longer than usual, and nothing at its end", () => {
    const late = running(step("boot", 0), step("install"));
    assert.equal(lookOut(late, known, START + 60_000)!.leftMs, 70_000);
    const last = running(step("install", 0));
    assert.deepEqual(lookOut(last, known, START + 100_000), { leftMs: 0, share: 1, count: 3 });
  });

  it("is not known of a step that nobody has done, nor before the start, nor after the end", () => {
    assert.equal(lookOut(running(step("other", 0), step("install")), known, START), undefined);
    assert.equal(lookOut({ ...running(step("boot", 0)), state: "queued" }, known, START), undefined);
    assert.equal(lookOut(running(step("boot", 0, 1)), known, START), undefined);
  });

  it("is judged by the same machine and image first, then by either, then by all", () => {
    const likeness: Likeness = { family: "HPE DL380", image: "noble" };
    const of = (family: string, image: string, means: Record<string, number>) =>
      [keyOf({ family, image }), [...times(means).values()]] as const;
    const all = new Map([
      of("HPE DL380", "noble", { boot: 1 }),
      of("", "noble", { boot: 2, install: 2 }),
      of("HPE DL380", "", { boot: 3, insert: 3 }),
      of("", "", { boot: 4, install: 4, insert: 4, off: 4 }),
    ]);
    const means = [...closestTimes(all, likeness)].map(([name, { meanMs }]) => [name, meanMs]);
    assert.deepEqual(Object.fromEntries(means), { boot: 1, install: 2, insert: 3, off: 4 });
  });

  it("is told apart by what is booted, by its digest wherever it comes from, and by the machine", () => {
    const { view } = newRecord();
    const seen = { ...view, facts: { bmc: { system: { manufacturer: "HPE", model: "DL380" } } } };
    assert.equal(likenessOf(seen)!.family, "HPE DL380");
    const withIso = (iso: { url: string; checksum: string | null }) => {
      const request = { ...view.request, boot: { iso } } as RecordView["request"];
      return likenessOf({ ...view, request })!.image;
    };
    const digest = { checksum: "sha256:aa" };
    assert.equal(
      withIso({ url: "http://a/x.iso", ...digest }),
      withIso({ url: "http://b/y.iso", ...digest }),
    );
    assert.equal(
      withIso({ url: "http://a/x.iso?t=1", checksum: null }),
      withIso({ url: "http://a/x.iso?t=2", checksum: null }),
    );
    assert.notEqual(
      withIso({ url: "http://a/x.iso", checksum: null }),
      withIso({ url: "http://a/y.iso", checksum: null }),
    );
    assert.deepEqual(tookOf({ steps: [step("boot", 5, 25), step("install", 25)] }), [
      { step: "boot", tookMs: 20 },
    ]);
  });
});
