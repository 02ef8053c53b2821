import assert from "node:assert/strict";
import { benchCampaign } from "../../bench/campaign.ts";

describe("the benchmark of campaigns", () => {
  it("plays a whole campaign and gives every figure by its name", async () => {
    const options = { nodes: 20, racks: 4, concurrent: 5, deploymentMs: 10 };
    const { turnMs, turnMsOfTenth, refillMs, readMs, ...figures } = await benchCampaign(
      options,
      () => undefined,
    );
    const all = {
      ...figures,
      turn: turnMs.max,
      tenth: turnMsOfTenth.max,
      refill: refillMs.p95,
      read: readMs.p50,
    };
    for (const [name, value] of Object.entries(all)) assert.ok(value > 0, `${name} is ${value}`);
  });
});
