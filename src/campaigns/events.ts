import type { Counts, Pause } from "./campaign.ts";

/** What happened to a campaign as a whole, in order; what happens to a node is told by its deployment. */
export type CampaignEventBody =
  | { type: "created"; by: string; nodes: number; skipped: number }
  | {
      type: "node-failed";
      node: { id: string; name: string };
      deploymentId: string | null;
      code: string | null;
    }
  | { type: "node-skipped"; node: { id: string; name: string }; code: string }
  | { type: "canary-passed"; nodes: number }
  | { type: "paused"; by: string | null; reason: Pause["reason"] }
  | { type: "resumed"; by: string }
  | { type: "cancel-requested"; by: string; running: "cancel" | "finish" }
  | { type: "succeeded"; counts: Counts }
  | { type: "failed"; counts: Counts }
  | { type: "cancelled"; counts: Counts };

export type CampaignEvent = CampaignEventBody & {
  /** Version of the event's shape. */
  v: 1;
  /** Position within the campaign, from 1, without gaps. */
  seq: number;
  /** RFC 3339, the database's clock. */
  at: string;
};

const TYPES: Record<CampaignEventBody["type"], true> = {
  created: true,
  "node-failed": true,
  "node-skipped": true,
  "canary-passed": true,
  paused: true,
  resumed: true,
  "cancel-requested": true,
  succeeded: true,
  failed: true,
  cancelled: true,
};

/** Every type, so that a name that cannot come is refused; one that is forgotten above does not compile. */
export const CAMPAIGN_EVENT_TYPES = Object.keys(TYPES) as CampaignEventBody["type"][];
