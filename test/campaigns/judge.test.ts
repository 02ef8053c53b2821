import assert from "node:assert/strict";
import { judge, resume } from "../../src/campaigns/judge.ts";
import { campaign, lane, NO_LIMITS } from "./fixture.ts";

const AT = "2026-01-05T12:00:00.000Z";

describe("what a campaign does by itself", () => {
  it("ends with its last node, by what they came to", () => {
    const end = (
      counts: Parameters<typeof lane>[0],
      state: "running" | "paused" | "cancelling" = "running",
    ) => judge(campaign({ state }), [lane(counts)], AT)?.campaign.state;
    assert.equal(end({ succeeded: 3, skipped: 1 }), "succeeded");
    assert.equal(end({ succeeded: 3, failed: 1 }), "failed");
    assert.equal(end({ succeeded: 3, cancelled: 1 }), "failed");
    assert.equal(end({ succeeded: 3, cancelled: 1 }, "cancelling"), "cancelled");
    assert.equal(end({ failed: 3 }, "paused"), "failed");
    assert.equal(end({ succeeded: 3, held: 1 }), undefined);
    assert.equal(end({ succeeded: 3, running: 1 }), undefined);
  });

  it("stands still at its failures, and goes on without those that somebody has seen", () => {
    const limited = campaign({ limits: { ...NO_LIMITS, maxFailures: 2 } });
    const lanes = [lane({ ready: 5, failed: 1 }), lane({ number: 1, failed: 1 })];
    assert.equal(judge(limited, [lanes[0]!], AT), undefined);
    const stopped = judge(limited, lanes, AT)!;
    assert.deepEqual(stopped.campaign.paused, { by: null, at: AT, reason: "max-failures" });
    assert.equal(judge(stopped.campaign, lanes, AT), undefined, "once");
    const { campaign: again } = resume(stopped.campaign, lanes, "ops");
    assert.deepEqual([again.state, again.forgiven, again.paused], ["running", 2, null]);
    assert.equal(judge(again, lanes, AT), undefined);
    assert.equal(judge(again, [...lanes, lane({ number: 2, failed: 2 })], AT)!.campaign.state, "paused");
  });

  it("lets the others begin when all canaries have succeeded, and stands still when one has not", () => {
    const waiting = campaign({ canary: "waiting" });
    const rest = lane({ number: 1, ready: 5 });
    const canaries = (counts: Parameters<typeof lane>[0]) => [lane({ isCanary: true, ...counts }), rest];
    assert.equal(judge(waiting, canaries({ running: 1, succeeded: 1 }), AT), undefined);
    assert.equal(judge(waiting, canaries({ succeeded: 2 }), AT)!.campaign.canary, "passed");
    for (const counts of [
      { running: 1, failed: 1 },
      { cancelled: 1, succeeded: 1 },
    ]) {
      const stopped = judge(waiting, canaries(counts), AT)!;
      assert.equal(stopped.campaign.paused!.reason, "canary-failed");
      assert.equal(resume(stopped.campaign, canaries(counts), "ops").campaign.canary, "passed");
    }
  });
});
