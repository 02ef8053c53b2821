import assert from "node:assert/strict";
import type { NewCampaign } from "../../src/campaigns/index.ts";
import { retry } from "../../src/campaigns/retry.ts";
import { campaign, lane, NO_LIMITS } from "./fixture.ts";

type Parts = Parameters<typeof retry>[0];

/** Retries a campaign of 400 nodes of which so many have failed; every other of these is the red team's. */
async function retried(failed: number, maxFailures: number | null, scope: Record<string, string> = {}) {
  const kept: NewCampaign[] = [];
  const over = campaign({ state: "failed", weight: 4, limits: { ...NO_LIMITS, perRack: 2, maxFailures } });
  const find = async (id: string) => {
    const team = Number(id) % 2 === 0 ? "red" : "blue";
    return { id, name: `n${id}`, rack: null, site: null, maintenance: false, labels: { team } };
  };
  const parts = {
    store: {
      failedNodes: async () => Array.from({ length: failed }, (_, index) => String(index)),
      sealedTemplate: async () => "{}",
      insert: async (made: NewCampaign) => kept.push(made) > 0,
    },
    nodes: { find },
    intake: { judge: async (_: unknown, nodes: readonly unknown[]) => nodes.map(() => over.request) },
    seals: { open: (sealed: string) => sealed, seal: (plain: string) => plain },
    serverOf: () => "http://images",
    clock: () => 0,
  } as unknown as Parts;
  const lanes = [lane({ failed, succeeded: 400 - failed })];
  await retry(parts, { campaign: over, lanes, tookMs: 0 }, { by: "ops", scope });
  return kept[0]!;
}

describe("the retry of a campaign", () => {
  it("has its limits and weight, and reckons anew how many may fail where nobody had said it", async () => {
    const { campaign: usual } = await retried(30, 40);
    assert.deepEqual([usual.limits.perRack, usual.limits.maxFailures, usual.weight], [2, 3, 4]);
    assert.equal((await retried(30, 41)).campaign.limits.maxFailures, 41);
    assert.equal((await retried(30, null)).campaign.limits.maxFailures, null);
  });

  it("is over the nodes that whoever asks may see, and is bound to these", async () => {
    const { campaign: made, nodes } = await retried(5, null, { team: "red" });
    assert.deepEqual(
      nodes.map(({ node }) => node.id),
      ["0", "2", "4"],
    );
    assert.deepEqual([made.scope, made.retryOf, made.createdBy], [{ team: "red" }, "camp_1", "ops"]);
  });
});
