import assert from "node:assert/strict";
import type { Hint } from "../../src/deploy/index.ts";
import { createLeaseRenewal, createScheduler } from "../../src/jobs/index.ts";
import { createHeardLog } from "./fixture.ts";
import { until } from "../until.ts";

const hint = (id: string): Hint => ({ id, hint: 1 });

describe("the scheduler", () => {
  it("asks at once at its start, which is the recovery", async () => {
    const added: Hint[] = [];
    const store = { takeDue: async () => (added.length === 0 ? [hint("dep_old")] : []) };

    const scheduler = createScheduler({
      store,
      hints: { add: async (hints) => void added.push(...hints) },
      log: createHeardLog(),
      everyMs: 60_000,
    });

    await until(() => added.length > 0, "the record was hinted");
    await scheduler.stop();
  });

  it("asks again without a pause while the answer is full", async () => {
    let left = 1200;
    const asked: number[] = [];
    const store = {
      takeDue: async (limit: number) => {
        asked.push(limit);
        const given = Math.min(left, limit);
        left -= given;
        return Array.from({ length: given }, () => hint("dep"));
      },
    };

    const scheduler = createScheduler({
      store,
      hints: { add: async () => {} },
      log: createHeardLog(),
      everyMs: 60_000,
    });

    await until(() => left === 0, "all were taken");
    await scheduler.stop();
    assert.deepEqual(asked, [500, 500, 500]);
  });

  it("lives through a database that is away, and tells the outage once", async () => {
    const log = createHeardLog();
    let asked = 0;
    const store = {
      takeDue: async (): Promise<Hint[]> => {
        asked += 1;
        if (asked < 4) throw new Error("database is locked");
        return [];
      },
    };

    const scheduler = createScheduler({ store, hints: { add: async () => {} }, log, everyMs: 1 });

    await until(() => asked > 5, "it goes on asking");
    await scheduler.stop();
    const what = "due records wait while the database does not answer";
    assert.deepEqual(log.lines, [what, `over: ${what}`]);
  });

  it("asks no more after its stop", async () => {
    let asked = 0;
    const store = { takeDue: async () => ((asked += 1), []) };
    const scheduler = createScheduler({
      store,
      hints: { add: async () => {} },
      log: createHeardLog(),
      everyMs: 1,
    });
    await until(() => asked > 2, "it beats");

    await scheduler.stop();
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 20));

    assert.equal(asked, before);
  });
});

describe("the renewal of leases", () => {
  it("renews three times in the time of a lease, also after a failure", async () => {
    const times: number[] = [];
    const runner = {
      renewLeases: async () => {
        times.push(performance.now());
        if (times.length === 1) throw new Error("database is locked");
      },
    };

    const renewal = createLeaseRenewal({ runner, leaseMs: 90, log: createHeardLog() });

    await until(() => times.length >= 3, "it renewed again");
    await renewal.stop();
    assert.ok(times[1]! - times[0]! >= 25, "a third of the lease lies between");
  });
});
