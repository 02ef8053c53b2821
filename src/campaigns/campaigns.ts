import type { Bell, Intake, Seals } from "../deploy/index.ts";
import type { Node, Nodes } from "../nodes/index.ts";
import { arrange } from "./arrange.ts";
import { type Campaign, type CampaignNode, isCampaignOver } from "./campaign.ts";
import { type Limit, limitsOf } from "./choose.ts";
import { CampaignError } from "./errors.ts";
import type { CampaignEvent } from "./events.ts";
import { judgeNodes, refuseUnfit } from "./fit.ts";
import type { Asker, CampaignInput, Judged } from "./input.ts";
import { type Changed, pause, resume } from "./judge.ts";
import { retry } from "./retry.ts";
import type { CampaignNodeQuery, CampaignQuery, CampaignStore, Standings } from "./store.ts";

/** Campaigns as people set them up. Methods that name one throw CampaignError `campaign-not-found`. */
export interface Campaigns {
  /** @throws CampaignError, IntakeError where nothing of it can be deployed so; then nothing has changed */
  create(input: CampaignInput, asker: Asker): Promise<Standings>;
  /** What `create` would say of each node; nothing is kept. */
  preview(input: CampaignInput, asker: Asker): Promise<Judged[]>;
  get(id: string): Promise<Standings>;
  /** Newest first. */
  list(query: CampaignQuery): Promise<Standings[]>;
  nodes(query: CampaignNodeQuery): Promise<CampaignNode[]>;
  events(id: string, after: number, limit: number): Promise<CampaignEvent[]>;
  /** What the nodes of a campaign that are ready wait for, by lane; nothing of one that is over. */
  limits(campaign: Campaign): Promise<ReadonlyMap<number, Limit>>;
  /** Lets no more deployments begin; those that run go on. Asking again is harmless. */
  pause(id: string, by: string): Promise<Standings>;
  /** @throws CampaignError `campaign-finished`, as `pause` and `cancel` do */
  resume(id: string, by: string): Promise<Standings>;
  /**
   * Deploys its failed nodes again, those that are still there and were left alone since, by a new campaign: in the same
   * way and under the same limits. Those that cannot be deployed so any more are skipped.
   *
   * @throws CampaignError `campaign-not-retryable`, `campaign-unfit`; IntakeError, as `create` does
   */
  retry(id: string, asker: Asker): Promise<Standings>;
  /** @param running whether deployments that were begun are cancelled too, or may end by themselves */
  cancel(id: string, by: string, running: "cancel" | "finish"): Promise<Standings>;
}

export interface CampaignsParts {
  store: CampaignStore;
  nodes: Pick<Nodes, "find" | "list">;
  intake: Pick<Intake, "judge">;
  seals: Pick<Seals, "seal" | "open">;
  bell: Pick<Bell, "ring">;
  /** The image server that a node's BMC reads from. */
  serverOf: (node: Node) => string;
  clock: () => number;
  /** Deployments of all campaigns at once. */
  atOnce: number;
}

export function createCampaigns(parts: CampaignsParts): Campaigns {
  const { store, bell } = parts;
  const get = async (id: string) => {
    const found = await store.get(id);
    if (found === undefined) throw notFound(id);
    return found;
  };
  const change = async (id: string, decide: (now: Standings, at: string) => Changed | undefined) => {
    const after = await store.change(id, (now, nowMs) => {
      refuseOver(now.campaign);
      return decide(now, new Date(nowMs).toISOString());
    });
    if (after === undefined) throw notFound(id);
    bell.ring(id);
    return after;
  };
  return {
    create: async (input, asker) => {
      const judged = await judgeNodes(parts, input, asker);
      if (judged.every(({ hindrance }) => hindrance !== null)) refuseUnfit(judged);
      const made = arrange(parts, input, asker, judged);
      await store.insert(made);
      bell.ring(made.campaign.id);
      return (await store.get(made.campaign.id))!;
    },
    preview: async (input, asker) => judgeNodes(parts, { ...input, unfit: "skip" }, asker),
    get,
    list: (query) => store.list(query),
    nodes: (query) => store.nodes(query),
    events: (id, after, limit) => store.events(id, after, limit),
    limits: async (campaign) => {
      if (isCampaignOver(campaign.state)) return new Map();
      const bounds = { nowMs: parts.clock(), atOnce: parts.atOnce };
      return limitsOf(await store.standing(), bounds, campaign);
    },
    pause: (id, by) =>
      change(id, ({ campaign }, at) =>
        campaign.state === "running" ? pause(campaign, { by, at, reason: "asked" }) : undefined,
      ),
    resume: (id, by) =>
      change(id, ({ campaign, lanes }) =>
        campaign.state === "paused" ? resume(campaign, lanes, by) : undefined,
      ),
    retry: async (id, asker) => {
      const made = await retry(parts, await get(id), asker);
      bell.ring(made);
      bell.ring(id);
      return get(made);
    },
    cancel: (id, by, running) =>
      change(id, ({ campaign }, at) => {
        const before = campaign.cancelRequested;
        // Who let deployments end by themselves may still change his mind.
        if (before !== null && (before.running === running || before.running === "cancel")) return undefined;
        const cancelRequested = { by, at, running };
        return {
          campaign: { ...campaign, state: "cancelling", paused: null, cancelRequested },
          events: [{ type: "cancel-requested", by, running }],
          withdraws: true,
        };
      }),
  };
}

function notFound(id: string): CampaignError {
  return new CampaignError(`there is no campaign ${id}`, { code: "campaign-not-found" });
}

function refuseOver({ id, state }: Campaign): void {
  if (!isCampaignOver(state)) return;
  throw new CampaignError(`campaign ${id} has ${state}; there is nothing to change about it`, {
    code: "campaign-finished",
  });
}
