import { setTimeout as sleep } from "node:timers/promises";
import {
  type Bell,
  type DeploymentInput,
  type Intake,
  IntakeError,
  type Log,
  type Seals,
} from "../deploy/index.ts";
import type { Nodes } from "../nodes/index.ts";
import { templateOf } from "./arrange.ts";
import { choose } from "./choose.ts";
import { hindranceOf, inMaintenance } from "./fit.ts";
import type { CampaignTemplate } from "./input.ts";
import { judge } from "./judge.ts";
import type { Loads } from "./loads.ts";
import type { CampaignStore, Outcome, TakenNode, TurnRules } from "./store.ts";

/** Lets nodes of campaigns begin. Any number of processes may do so at once. */
export interface Admitter {
  /** Lets what is under way end. */
  stop(): Promise<void>;
}

export interface AdmitterParts {
  store: CampaignStore;
  intake: Pick<Intake, "deploy" | "cancel">;
  nodes: Pick<Nodes, "find">;
  loads: Pick<Loads, "measure">;
  seals: Pick<Seals, "open">;
  bell: Pick<Bell, "listen" | "ring">;
  log: Pick<Log, "warn">;
  /** Deployments of all campaigns at once. */
  atOnce: number;
  timing?: Partial<AdmitterTiming>;
}

export interface AdmitterTiming {
  /** Repairs lost rings, and sees windows open. */
  lookMs: number;
  /** While there is no campaign. */
  restMs: number;
  /** Ends that come within this time are settled together. */
  gatherMs: number;
  /** How long a node may be taken without a deployment. */
  claimMs: number;
  /** How soon a node that somebody else has is looked at again, at first and at last. */
  heldMs: { first: number; longest: number };
}

const USUAL: AdmitterTiming = {
  lookMs: 1_000,
  restMs: 5_000,
  gatherMs: 50,
  claimMs: 30_000,
  heldMs: { first: 2_000, longest: 60_000 },
};

/** How many nodes one turn takes, and how many of them are accepted at once. */
const TAKEN_AT_ONCE = 50;
const ACCEPTED_AT_ONCE = 10;

/** What keeps a node from its deployment for a while only. */
const PASSING = ["node-busy", "image-unreachable"];

/**
 * Turns until nobody may begin any more, then waits for an end or a change to ring. What one turn reads grows with the
 * deployments that run and the racks of campaigns, and not with their nodes.
 */
export function createAdmitter(parts: AdmitterParts): Admitter {
  const timing = { ...USUAL, ...parts.timing };
  const { store, bell, log, loads } = parts;
  let isStopped = false;
  let isBusy = true;
  let mustTurn = true;
  let rung = Promise.withResolvers<void>();
  const leave = bell.listen((id) => {
    if (id.startsWith("camp_")) mustTurn = true;
    else if (!isBusy || !id.startsWith("dep_")) return;
    rung.resolve();
  });

  const templates = createTemplates(parts);
  const lookOnce = async (isRepair: boolean): Promise<number | null> => {
    if (isBusy) await loads.measure();
    if (!mustTurn && !isRepair && !(await store.hasEnded())) return null;
    mustTurn = false;
    for (;;) {
      const turn = await store.turn(rulesOf(parts.atOnce, timing.claimMs));
      isBusy = turn.isBusy;
      for (const id of turn.changed) bell.ring(id);
      await cancelAll(parts, turn.toCancel);
      await inBatches(turn.taken, ACCEPTED_AT_ONCE, (taken) => begin(parts, templates, timing, taken));
      if (isStopped || turn.taken.length === 0) return turn.dueInMs;
    }
  };
  const run = async () => {
    let isRepair = true;
    let dueInMs: number | null = null;
    while (!isStopped) {
      rung = Promise.withResolvers<void>();
      try {
        dueInMs = await lookOnce(isRepair);
      } catch (error) {
        mustTurn = true;
        log.warn({ err: error }, "campaigns wait until the next look");
      }
      const restMs = Math.min(
        isBusy ? timing.lookMs : timing.restMs,
        Math.max(dueInMs ?? Infinity, timing.gatherMs),
      );
      isRepair = false;
      const timer = setTimeout(() => {
        isRepair = true;
        rung.resolve();
      }, restMs);
      if (!isStopped) await rung.promise;
      clearTimeout(timer);
      if (!isStopped) await sleep(timing.gatherMs);
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      leave();
      rung.resolve();
      await running;
    },
  };
}

function rulesOf(atOnce: number, claimMs: number): TurnRules {
  return {
    claimMs,
    decide: (standing, nowMs) => {
      const at = new Date(nowMs).toISOString();
      const lanesOf = Map.groupBy(standing.lanes, ({ campaignId }) => campaignId);
      const changes = standing.campaigns.flatMap(
        (campaign) => judge(campaign, lanesOf.get(campaign.id) ?? [], at) ?? [],
      );
      const after = new Map(changes.map(({ campaign }) => [campaign.id, campaign]));
      const campaigns = standing.campaigns.map((campaign) => after.get(campaign.id) ?? campaign);
      return { changes, picks: choose({ ...standing, campaigns }, { nowMs, atOnce }, TAKEN_AT_ONCE) };
    },
  };
}

/** What each campaign deploys, opened once. */
interface Templates {
  of(campaignId: string): Promise<CampaignTemplate>;
}

const TEMPLATES_KEPT = 20;

function createTemplates({ store, seals }: Pick<AdmitterParts, "store" | "seals">): Templates {
  const kept = new Map<string, CampaignTemplate>();
  return {
    of: async (id) => {
      const known = kept.get(id);
      if (known !== undefined) return known;
      const sealed = (await store.sealedTemplate(id))!;
      const template = JSON.parse(seals.open(sealed, templateOf(id))) as CampaignTemplate;
      if (kept.size >= TEMPLATES_KEPT) kept.clear();
      kept.set(id, template);
      return template;
    },
  };
}

/** Makes the deployment of a node that was taken; whatever fails for a while is tried again when the claim has run out. */
async function begin(
  parts: AdmitterParts,
  templates: Templates,
  timing: AdmitterTiming,
  taken: TakenNode,
): Promise<void> {
  try {
    const outcome = await accept(parts, await templates.of(taken.campaignId), timing, taken);
    if (outcome !== undefined) await parts.store.settle(taken, outcome);
  } catch (error) {
    const { campaignId, name } = taken;
    parts.log.warn(
      { err: error, campaignId, node: name },
      "a node of a campaign waits, since it could not be begun",
    );
  }
}

/** @returns why there is no deployment; undefined when there is one, or is to be none */
async function accept(
  { intake, nodes }: AdmitterParts,
  template: CampaignTemplate,
  { heldMs }: AdmitterTiming,
  { campaignId, nodeId, name, claim, tries }: TakenNode,
): Promise<Outcome | undefined> {
  const node = await nodes.find(nodeId);
  if (node === undefined) {
    const hindrance = {
      code: "node-not-found",
      message: `${name} is not in the inventory any more`,
      hint: null,
      holder: null,
    };
    return { kind: "failed", hindrance };
  }
  if (node.maintenance) return { kind: "skipped", hindrance: inMaintenance(node) };
  try {
    const input: DeploymentInput = { ...template, node: nodeId, whenBusy: "reject" };
    await intake.deploy(input, { name: `campaign ${campaignId}` }, { id: campaignId, claim });
    return undefined;
  } catch (error) {
    if (!(error instanceof IntakeError)) throw error;
    if (error.code === "campaign-moved-on") return undefined;
    const hindrance = hindranceOf(error);
    if (!PASSING.includes(error.code)) return { kind: "failed", hindrance };
    return { kind: "held", hindrance, dueInMs: Math.min(heldMs.first * 2 ** tries, heldMs.longest) };
  }
}

async function cancelAll(
  { store, intake }: AdmitterParts,
  toCancel: readonly { deploymentId: string; by: string }[],
): Promise<void> {
  await inBatches(toCancel, ACCEPTED_AT_ONCE, async ({ deploymentId, by }) => {
    await intake.cancel(deploymentId, by).catch((error: unknown) => {
      // It has ended meanwhile, which is as well.
      if (!(error instanceof IntakeError)) throw error;
    });
  });
  await store.cancelSent(toCancel.map(({ deploymentId }) => deploymentId));
}

async function inBatches<T>(
  items: readonly T[],
  size: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += size) await Promise.all(items.slice(at, at + size).map(act));
}
