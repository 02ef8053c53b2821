import assert from "node:assert/strict";
import type { EventBody } from "../../src/deploy/index.ts";
import { progressLine } from "../../src/cli/progress-line.ts";
import { BEGINNING, foldEvent, type WatchState } from "../../src/cli/watch-state.ts";
import { startDeployed, stopAll } from "../api/fixture.ts";
import { run, type } from "./fixture.ts";

const STORY: EventBody[] = [
  { type: "started" },
  { type: "step-started", step: "open-bmc", attempt: 1 },
  { type: "step-done", step: "open-bmc", facts: {}, detail: null },
  { type: "step-started", step: "power-off", attempt: 1 },
  { type: "step-skipped", step: "power-off", why: "it was off" },
  { type: "step-started", step: "insert-media", attempt: 1 },
  {
    type: "action-intended",
    step: "insert-media",
    action: { kind: "insert-media", target: "/redfish/v1/Cd", limitMs: 1 },
  },
  {
    type: "evidence-found",
    step: "insert-media",
    evidence: { what: "inserted", how: "reads back", strength: "strong" },
  },
  {
    type: "step-waiting",
    step: "insert-media",
    what: "the slot",
    cause: "it is slow",
    next: null,
    until: "2030-01-01T00:00:00Z",
  },
  { type: "called-back", status: "progress", percent: 40, message: "half\x1b]0;title\x07way\r" },
  { type: "warned", step: null, message: "careful" },
];

describe("a watch", () => {
  afterEach(stopAll);

  /** Watches the story of a deployment that then succeeds. */
  async function watch(typed: Parameters<typeof run>[2]) {
    const api = await startDeployed();
    const typing = type(api, ["deployment", "watch", api.id], typed);
    for (const event of STORY) api.records.add(api.id, event);
    await typing.until("careful");
    // A sample comes by itself while it lives.
    await typing.until(typed?.isTerminal === true ? "█" : "note    40 %");
    api.records.add(api.id, { type: "succeeded", clean: true, result: null });
    assert.equal(await typing.ended, 0);
    return typing.out.replaceAll("\x1b", "ESC");
  }

  it("tells a log what happened, line by line, with its time", async () => {
    const out = await watch({});
    const lines = out.split("\n").map((line) => line.replace(/^\d\d:\d\d:\d\dZ /, ""));
    assert.deepEqual(
      lines.map((line) => line.replace(/\d\.\d s/, "0 s")).filter((line) => !line.startsWith("note    40 %")),
      [
        "note    rack1-u07: 8 steps; succeeds when disc-read, ejects on-reboot",
        "done    open-bmc  0 s",
        "skipped power-off  it was off",
        "action  insert-media at /redfish/v1/Cd",
        "proof   inserted: reads back",
        "waiting insert-media: for the slot (it is slow)",
        "note    call-back: progress 40 %: half\u{fffd}]0;title\u{fffd}way\u{fffd}",
        "warning careful",
        "succeeded after 0 s: rack1-u07, proven by inserted",
        "  The disc stays in its slot (eject on-reboot); trayload node eject rack1-u07 takes it out.",
        "",
      ],
    );
    assert.ok(!out.includes("ESC"), "a log holds no codes of a terminal");
  });

  it("keeps one line alive below the others on a terminal", async () => {
    const out = await watch({ isTerminal: true });
    assert.match(out, /\rESC\[2K✓ open-bmc {2}\d\.\d s\n/);
    assert.match(out, /\[█{10}░{14}\] {2}40 % {2}5\/8 insert-media: waits for the slot, \d/);
    assert.ok(!/waiting|\.\.\./.test(out), "what is waited for stands in the line alone");
    assert.match(out, /\rESC\[2Ksucceeded after/, "the line is gone at the end");
    assert.ok(!/ESC\[\d+m/.test(out), "without colours there are none");
  });

  it("has colours where they are wanted", async () => {
    assert.match(await watch({ isTerminal: true, hasColours: true }), /ESC\[32m✓ESC\[39m open-bmc/);
  });
});

describe("the progress line", () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const progress = {
    percent: 43,
    discBytesRead: 377_487_360,
    discSizeBytes: 876_609_536,
    bytesPerSecond: 5_242_880,
    etaAt: at(95_000),
  };
  const waiting = [
    {
      seq: 1,
      at: at(0),
      type: "accepted",
      node: { name: "n" },
      request: {},
      plan: [{ name: "a" }, { name: "b" }],
    },
    { seq: 2, at: at(0), type: "step-started", step: "b", attempt: 1 },
    {
      seq: 3,
      at: at(1000),
      type: "step-waiting",
      step: "b",
      what: "the call-back",
      cause: null,
      until: at(1),
    },
    {
      seq: 4,
      at: at(2000),
      type: "step-waiting",
      step: "b",
      what: "the call-back",
      cause: null,
      until: at(1),
    },
  ] as const;
  const state: WatchState = {
    ...waiting.reduce((before, event) => foldEvent(before, event as never), BEGINNING),
    progress,
  };

  it("says how far, how fast, how long still, what is waited for and since when", () =>
    assert.equal(
      progressLine(state, 13_000, 200),
      "[██████████░░░░░░░░░░░░░░]  43 %  360 MiB of 836 MiB  5.0 MiB/s  about 1m 22s left  2/2 b: waits for the call-back, 12 s",
    ));

  it("says how far the BMC says that the boot is", () => {
    const event = { seq: 5, at: at(3000), type: "boot-progressed", state: "OSBootStarted" };
    const line = progressLine(foldEvent(state, event as never), 13_000, 200);
    assert.match(line, /the call-back, 12 s {2}OS boot started$/);
  });

  it("never is longer than a line, or it could not be written over", () => {
    for (const columns of [20, 40, 80, 100]) {
      assert.ok(progressLine(state, 13_000, columns).length < columns, String(columns));
    }
  });

  it("leaves out what is not known", () => {
    const unknown = { ...progress, percent: 0, discSizeBytes: 0, bytesPerSecond: 0, etaAt: null };
    assert.equal(
      progressLine({ ...BEGINNING, progress: unknown }, 0, 140),
      "[░░░░░░░░░░░░░░░░░░░░░░░░]  0 %",
    );
    assert.equal(
      progressLine({ ...state, progress: null, waiting: null }, 3000, 60),
      "[░░░░░░░░░░]  2/2 b, 3.0 s",
    );
  });

  it("moves with each tenth of the disc, until the installer says how far it is", () => {
    const read = (percent: number) => ({ type: "disc-read", milestone: "tenth", percent });
    const told = { type: "called-back", status: "progress", percent: 7, message: null };
    const percentAfter = (...events: object[]) =>
      events.reduce((before: WatchState, event) => foldEvent(before, event as never), state).progress
        ?.percent;
    assert.equal(percentAfter(read(50)), 50);
    assert.equal(percentAfter(read(40)), 43, "never back");
    assert.equal(percentAfter(told, read(60)), 7);
  });
});
