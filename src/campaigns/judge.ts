import { type Campaign, countsOf, type Lane, type Pause } from "./campaign.ts";
import type { CampaignEventBody } from "./events.ts";

/** A campaign after a change, and what is told of it. */
export interface Changed {
  campaign: Campaign;
  events: CampaignEventBody[];
  /** Nodes that wait are let go. */
  withdraws?: true;
}

/**
 * What a campaign does by itself, by what its deployments came to: it ends, its canaries let the others begin, or it stands
 * still until a person has looked.
 *
 * @param lanes its own
 * @returns undefined where nothing changes
 */
export function judge(campaign: Campaign, lanes: readonly Lane[], at: string): Changed | undefined {
  const counts = countsOf(lanes);
  if (counts.waiting === 0 && counts.running === 0) return conclude(campaign, lanes, at);
  if (campaign.state !== "running") return undefined;
  const canary = judgeCanary(campaign, lanes, at);
  if (canary !== undefined) return canary;
  const { maxFailures } = campaign.limits;
  if (maxFailures === null || counts.failed - campaign.forgiven < maxFailures) return undefined;
  return pause(campaign, { by: null, at, reason: "max-failures" });
}

function conclude(campaign: Campaign, lanes: readonly Lane[], at: string): Changed {
  const counts = countsOf(lanes);
  const isWhole = counts.failed === 0 && counts.cancelled === 0;
  const state = campaign.state === "cancelling" ? "cancelled" : isWhole ? "succeeded" : "failed";
  return {
    campaign: { ...campaign, state, paused: null, endedAt: at },
    events: [{ type: state, counts }],
  };
}

function judgeCanary(campaign: Campaign, lanes: readonly Lane[], at: string): Changed | undefined {
  if (campaign.canary !== "waiting") return undefined;
  const canaries = lanes.filter(({ isCanary }) => isCanary);
  const { waiting, running, failed, cancelled, succeeded } = countsOf(canaries);
  if (failed + cancelled > 0) return pause(campaign, { by: null, at, reason: "canary-failed" });
  if (waiting + running > 0) return undefined;
  return {
    campaign: { ...campaign, canary: "passed" },
    events: [{ type: "canary-passed", nodes: succeeded }],
  };
}

export function pause(campaign: Campaign, paused: Pause): Changed {
  return {
    campaign: { ...campaign, state: "paused", paused },
    events: [{ type: "paused", by: paused.by, reason: paused.reason }],
  };
}

/** Goes on. Whoever lets it has seen what failed: failures so far count no more, nor do canaries that failed. */
export function resume(campaign: Campaign, lanes: readonly Lane[], by: string): Changed {
  const canary = campaign.paused?.reason === "canary-failed" ? "passed" : campaign.canary;
  const forgiven = countsOf(lanes).failed;
  return {
    campaign: { ...campaign, state: "running", paused: null, forgiven, canary },
    events: [{ type: "resumed", by }],
  };
}
