import type { DeploymentRequest } from "../deploy/index.ts";
import type {
  Campaign,
  CampaignNode,
  CampaignNodeState,
  CampaignState,
  Hindrance,
  Lane,
} from "./campaign.ts";
import type { Choice, ServerLoad, Standing } from "./choose.ts";
import type { CampaignEvent, CampaignEventBody } from "./events.ts";
import type { Changed } from "./judge.ts";

/** A campaign and where its nodes stand. */
export interface Standings {
  campaign: Campaign;
  lanes: Lane[];
  /** Milliseconds that its deployments which succeeded took altogether. */
  tookMs: number;
}

export interface NewCampaign {
  campaign: Campaign;
  /** With the numbers that its nodes make. */
  lanes: Lane[];
  /** In their order; `skipped` ones with their hindrance. */
  nodes: Pick<CampaignNode, "node" | "lane" | "state" | "hindrance">[];
  /** The deployment's input, sealed. */
  sealedTemplate: string;
  event: CampaignEventBody;
}

/** A node whose turn it is: whoever took it makes its deployment, or says why there is none. */
export interface TakenNode {
  campaignId: string;
  nodeId: string;
  name: string;
  /** By which acceptance knows that nobody else has taken it since. */
  claim: number;
  /** How often it was held before. */
  tries: number;
}

/** A deployment that is to be cancelled with its campaign. */
export interface ToCancel {
  deploymentId: string;
  by: string;
}

export interface TurnRules {
  /** How long a node may be taken without a deployment, before it waits again. */
  claimMs: number;
  /** Decides on what stands there now: pure, since it may be asked again. */
  decide(standing: Standing, nowMs: number): { changes: Changed[]; picks: Choice[] };
}

export interface Turn {
  taken: TakenNode[];
  toCancel: ToCancel[];
  /** Campaigns about which something has changed. */
  changed: string[];
  /** When something becomes due by itself, in milliseconds from now; null where nothing will. */
  dueInMs: number | null;
  /** Whether there is a campaign that is not over. */
  isBusy: boolean;
}

export interface CampaignQuery {
  states?: CampaignState[];
  name?: string;
  /** Only those whose nodes were all bound to these labels. */
  scope: Readonly<Record<string, string>>;
  /** Only those before this id: newest first. */
  before?: string;
  limit: number;
}

export interface CampaignNodeQuery {
  campaignId: string;
  states?: CampaignNodeState[];
  /** Only those behind this place. */
  after?: number;
  limit: number;
}

/** What a taken node came to where no deployment was made of it. */
export type Outcome =
  /** It waits, and is looked at again. */
  | { kind: "held"; hindrance: Hindrance; dueInMs: number }
  | { kind: "failed" | "skipped"; hindrance: Hindrance };

/**
 * Where campaigns live. Each call is one transaction, durable when it returns. Whatever moves nodes excludes every other
 * such transaction, so that no two of them let in more than the limits allow.
 */
export interface CampaignStore {
  /** @returns false when the campaign that it retries was retried already; then nothing is kept */
  insert(campaign: NewCampaign): Promise<boolean>;
  get(id: string): Promise<Standings | undefined>;
  list(query: CampaignQuery): Promise<Standings[]>;
  nodes(query: CampaignNodeQuery): Promise<CampaignNode[]>;
  /**
   * Nodes that failed and were left alone since: no later deployment of that purpose runs there or has succeeded.
   *
   * @returns their ids, in the order of the campaign
   */
  failedNodes(id: string, purpose: DeploymentRequest["purpose"]): Promise<string[]>;
  events(id: string, after: number, limit: number): Promise<CampaignEvent[]>;
  /** All campaigns' events in one order without holes, by global position. */
  eventsSince(
    position: number,
    limit: number,
  ): Promise<{ position: number; campaign: { id: string; name: string }; event: CampaignEvent }[]>;
  lastPosition(): Promise<number>;
  standing(): Promise<Standing>;
  /** The sealed template of a campaign; undefined when there is no such campaign. */
  sealedTemplate(id: string): Promise<string | undefined>;
  /**
   * Changes a campaign as `change` says of what it is now; not at all where it returns undefined.
   *
   * @returns what it is then; undefined when there is no such campaign
   */
  change(
    id: string,
    change: (now: Standings, nowMs: number) => Changed | undefined,
  ): Promise<Standings | undefined>;
  /** Whether a deployment has ended of which its campaign does not know yet. */
  hasEnded(): Promise<boolean>;
  /**
   * One turn of all campaigns: what has ended is counted, what was taken by somebody who died waits again, and what is
   * decided then is done. Events of nodes that failed are made here.
   */
  turn(rules: TurnRules): Promise<Turn>;
  /** Notes deployments that were asked to end with their campaigns. */
  cancelSent(deploymentIds: readonly string[]): Promise<void>;
  /** Settles a node that was taken; nothing where somebody else has taken it since. */
  settle(taken: TakenNode, outcome: Outcome): Promise<void>;
  /** Deployments of campaigns that run, by the image server that they read from. */
  running(): Promise<{ deploymentId: string; server: string }[]>;
  /** Replaces what was measured before. */
  noteLoads(loads: ReadonlyMap<string, ServerLoad>): Promise<void>;
}
