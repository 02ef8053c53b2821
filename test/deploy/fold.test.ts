import assert from "node:assert/strict";
import type { DeployEvent, EventBody } from "../../src/deploy/events.ts";
import { begin, fold, foldAll } from "../../src/deploy/fold.ts";
import { newDeployment } from "../../src/deploy/plan.ts";
import type { RecordView } from "../../src/deploy/record.ts";
import { completeRequest } from "../../src/deploy/defaults.ts";

const REQUEST = completeRequest("node_1", { node: "n", boot: { iso: { url: "http://images/a.iso" } } });
const accepted = () =>
  newDeployment(REQUEST, { node: { id: "node_1", name: "n" }, nowMs: 0, retryOf: null }).view;

/** Numbers and dates bodies as the runner does, a second apart. */
function after(view: RecordView, ...bodies: EventBody[]): RecordView {
  const events = bodies.map((body, index) => {
    const seq = view.version + 1 + index;
    return { ...body, v: 1, seq, at: new Date(seq * 1000).toISOString() } as DeployEvent;
  });
  return foldAll(view, events);
}

const failure = (code: string) => ({
  code,
  message: code,
  hint: null,
  retryable: false,
  step: null,
  cause: [],
});
const started = (step: string): EventBody => ({ type: "step-started", step, attempt: 1 });
const done = (step: string, facts = {}): EventBody => ({ type: "step-done", step, facts, detail: null });

describe("fold", () => {
  it("begins with every step of the plan pending", () => {
    const view = accepted();
    assert.equal(view.state, "queued");
    assert.equal(view.version, 1);
    assert.deepEqual(new Set(view.steps.map((step) => step.state)), new Set(["pending"]));
  });

  it("shows what a step waits for since it first did", () => {
    const waiting = (cause: string): EventBody => ({
      type: "step-waiting",
      step: "open-bmc",
      what: "the BMC",
      cause,
      next: null,
      until: "later",
    });
    const view = after(
      accepted(),
      { type: "started" },
      started("open-bmc"),
      waiting("busy"),
      waiting("down"),
    );
    assert.equal(view.waitingOn?.since, new Date(4000).toISOString());
    assert.equal(view.waitingOn?.cause, "down");
    assert.equal(view.steps.find((step) => step.name === "open-bmc")?.state, "waiting");
  });

  it("keeps what failed first, though the clean-up fails too", () => {
    const view = after(
      accepted(),
      { type: "started" },
      { type: "step-failed", step: "open-bmc", error: failure("bmc-unreachable") },
      { type: "step-failed", step: "clean-up", error: failure("bmc-busy") },
    );
    assert.equal(view.error?.code, "bmc-unreachable");
  });

  it("takes a retreat back to pending steps and forgets their announced actions", () => {
    const action = { kind: "insert-media" as const, target: "/cd", limitMs: 1 };
    const view = after(
      accepted(),
      { type: "started" },
      started("publish-disc"),
      done("publish-disc"),
      started("insert-media"),
      { type: "action-intended", step: "insert-media", action },
      { type: "step-retreated", step: "insert-media", to: "publish-disc", why: "", facts: { rung: 1 } },
    );
    assert.deepEqual(view.intents, []);
    assert.equal(view.facts["rung"], 1);
    const states = view.steps.map(({ name, state }) => [name, state]);
    assert.deepEqual(Object.fromEntries(states)["publish-disc"], "pending");
  });

  it("lets the first verdict of a call-back win", () => {
    const called = (status: string): EventBody => ({
      type: "called-back",
      status,
      percent: null,
      message: null,
    });
    const view = after(accepted(), { type: "started" }, called("failed"), called("succeeded"));
    assert.equal(view.callback?.status, "failed");
  });

  it("throws on an illegal move and on a hole in the sequence", () => {
    const ended = after(accepted(), { type: "started" }, { type: "cancelled", clean: true });
    assert.throws(() => after(ended, { type: "started" }), /must not go from cancelled to running/);
    const event = { type: "started", v: 1, seq: 9, at: "" } as DeployEvent;
    assert.throws(() => fold(accepted(), event), /event 9 .* does not follow 1/);
  });

  it("gives the same view whether folded at once or in parts", () => {
    const all: EventBody[] = [{ type: "started" }, started("check-request"), done("check-request", { a: 1 })];
    const inParts = all.reduce((view, body) => after(view, body), accepted());
    const { id } = inParts;
    assert.deepEqual({ ...after(accepted(), ...all), id }, inParts);
    assert.equal(typeof begin, "function");
  });
});
