import type { DeploymentRequest } from "../deploy/index.ts";
import type { Window } from "./windows.ts";

/** `cancelling` lasts as long as deployments that were begun have not ended. */
export type CampaignState = "running" | "paused" | "cancelling" | "succeeded" | "failed" | "cancelled";

/** How many of its deployments may run, and when it stops by itself. Null stands for no limit. */
export interface Limits {
  /** Of this campaign, at once. */
  concurrent: number;
  /** In one rack of one site at once, whoever began them. Nodes without a rack are not limited by it. */
  perRack: number | null;
  /** In one site at once, whoever began them. Nodes without a site are not limited by it. */
  perSite: number | null;
  /** Bytes per second that machines may read from one image server: the base URL that BMCs are given for discs. */
  serverBytesPerSecond: number | null;
  /** How many nodes are deployed before all others; 0 for none. */
  canary: number;
  /** The campaign pauses with this many failed deployments. */
  maxFailures: number | null;
}

/** Why a campaign stands still. */
export interface Pause {
  /** Name of a token; null when a limit did it. */
  by: string | null;
  at: string;
  reason: "asked" | "max-failures" | "canary-failed";
}

/** What is known of a campaign beside its numbers. Times are RFC 3339. */
export interface Campaign {
  /** `camp_` and a ULID. */
  id: string;
  name: string;
  state: CampaignState;
  /** Raised by each change; events have numbers of their own. */
  version: number;
  limits: Limits;
  /** When deployments may begin; at any time where there are none. */
  windows: Window[];
  /** Its share of what several campaigns want at once. */
  weight: number;
  /** What is deployed, as it is for the first node that it fits; without secrets. */
  request: DeploymentRequest;
  /** Labels that all its nodes were bound to by the token that made it. */
  scope: Record<string, string>;
  /** `waiting` until the first of the others may begin. */
  canary: "none" | "waiting" | "passed";
  paused: Pause | null;
  cancelRequested: { by: string; at: string; running: "cancel" | "finish" } | null;
  /** Failures that a person has seen when it was resumed, which count no more. */
  forgiven: number;
  /** The campaign whose failed nodes these are. */
  retryOf: string | null;
  /** The campaign that has deployed its failed nodes again; there is one at most. */
  retriedAs: string | null;
  createdBy: string;
  createdAt: string;
  /** When the first deployment began. */
  startedAt: string | null;
  endedAt: string | null;
}

/** What became of one node; `waiting` for its turn, or for the node. */
export type CampaignNodeState = "waiting" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";

/** How many nodes stand where. */
export type Counts = Record<CampaignNodeState, number>;

/** Nodes that any limit treats alike. */
export interface Lane {
  campaignId: string;
  number: number;
  isCanary: boolean;
  rack: string | null;
  site: string | null;
  /** The image server of its nodes. */
  server: string;
  /** Nodes that could begin at once, as far as they go. */
  ready: number;
  /** Nodes whose own hindrance is looked at again later. */
  held: number;
  running: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  skipped: number;
}

/** Why a node failed or is held without a deployment of its own. */
export interface Hindrance {
  code: string;
  message: string;
  hint: string | null;
  /** The deployment or operation that holds the node. */
  holder: string | null;
}

export interface CampaignNode {
  node: { id: string; name: string };
  /** From 0, in the order of the request or of the names. */
  place: number;
  lane: number;
  state: CampaignNodeState;
  isHeld: boolean;
  deploymentId: string | null;
  hindrance: Hindrance | null;
  admittedAt: string | null;
  endedAt: string | null;
}

const FINAL: readonly CampaignState[] = ["succeeded", "failed", "cancelled"];

export function isCampaignOver(state: CampaignState): boolean {
  return FINAL.includes(state);
}

/** Sums up lanes, of one campaign or of several. */
export function countsOf(lanes: readonly Lane[]): Counts {
  const sum = (pick: (lane: Lane) => number) => lanes.reduce((total, lane) => total + pick(lane), 0);
  return {
    waiting: sum(({ ready, held }) => ready + held),
    running: sum(({ running }) => running),
    succeeded: sum(({ succeeded }) => succeeded),
    failed: sum(({ failed }) => failed),
    cancelled: sum(({ cancelled }) => cancelled),
    skipped: sum(({ skipped }) => skipped),
  };
}
