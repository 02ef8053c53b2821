import assert from "node:assert/strict";
import { shownQueue } from "../../src/api/routes/queue.ts";
import { startApi, stopAll } from "./fixture.ts";

describe("the queue over the API", () => {
  afterEach(stopAll);

  const phases = {
    waitingNode: 1,
    parked: 40,
    queued: 2,
    running: 3,
    overdue: 0,
    longestOverdueMs: 0,
  };
  const at = "2026-01-01T00:00:00.000Z";

  it("tells what waits, where it is, and who works", async () => {
    const worker = { id: "w", host: "a", pid: 7, capacity: 20, busy: 3, startedAt: at, seenAt: at };
    const open = [{ kind: "deployment", state: "running", step: "wait-for-finish", count: 40 }];
    const queue = {
      queue: async () => ({ hintsWaiting: 2, workers: [worker] }),
      open: async () => open,
      phases: async () => phases,
    };
    const { call } = await startApi({ queue });
    const { status, body } = await call("GET", "/v1/queue");
    assert.equal(status, 200);
    assert.deepEqual(shownQueue.parse(body), body);
    assert.deepEqual(body, { hintsWaiting: 2, workers: [worker], phases, open });
  });

  it("says that it does not know who works while Redis is away, and the rest all the same", async () => {
    const queue = { queue: async () => null, open: async () => [], phases: async () => phases };
    const { call } = await startApi({ queue });
    const { body } = await call("GET", "/v1/queue");
    assert.deepEqual([body.hintsWaiting, body.workers, body.phases.parked], [null, null, 40]);
  });
});
