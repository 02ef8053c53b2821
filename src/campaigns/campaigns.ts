import { ulid } from "ulid";
import {
  type Bell,
  type DeploymentInput,
  type DeploymentRequest,
  type Intake,
  IntakeError,
  type Seals,
} from "../deploy/index.ts";
import type { Node, Nodes } from "../nodes/index.ts";
import {
  type Campaign,
  type CampaignNode,
  type Hindrance,
  isCampaignOver,
  type Lane,
  type Limits,
} from "./campaign.ts";
import { type Limit, limitsOf } from "./choose.ts";
import { CampaignError } from "./errors.ts";
import type { CampaignEvent } from "./events.ts";
import { type Changed, pause, resume } from "./judge.ts";
import { type Selection, selectNodes } from "./select.ts";
import type { CampaignNodeQuery, CampaignQuery, CampaignStore, NewCampaign, Standings } from "./store.ts";
import type { Window } from "./windows.ts";

/** A campaign as a caller writes it, shape already checked. */
export interface CampaignInput extends Selection {
  name: string;
  /** Of every node. */
  deployment: CampaignTemplate;
  limits?: Partial<Limits>;
  windows?: Window[];
  weight?: number;
  /** What becomes of it when some nodes cannot be deployed so: nothing, or all others are. */
  unfit?: "refuse" | "skip";
}

export type CampaignTemplate = Omit<DeploymentInput, "node" | "callbackSecret" | "whenBusy">;

export interface Asker {
  by: string;
  /** Labels that nodes must carry for him. */
  scope: Readonly<Record<string, string>>;
}

/** A node, and whether it can be deployed as asked. */
export interface Judged {
  node: Node;
  hindrance: Hindrance | null;
}

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
  /** @param running whether deployments that were begun are cancelled too, or may end by themselves */
  cancel(id: string, by: string, running: "cancel" | "finish"): Promise<Standings>;
}

export interface CampaignsParts {
  store: CampaignStore;
  nodes: Pick<Nodes, "find" | "list">;
  intake: Pick<Intake, "judge">;
  seals: Pick<Seals, "seal">;
  bell: Pick<Bell, "ring">;
  /** The image server that a node's BMC reads from. */
  serverOf: (node: Node) => string;
  clock: () => number;
  /** Deployments of all campaigns at once. */
  atOnce: number;
}

/** As Ironic's operators advise: more at once gain little and lose much when something is wrong. */
const CONCURRENT = 50;

export function createCampaigns(parts: CampaignsParts): Campaigns {
  const { store, bell } = parts;
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
      const judged = await judgeAll(parts, input, asker);
      if (judged.every(({ hindrance }) => hindrance !== null)) refuseUnfit(judged);
      const made = arrange(parts, input, asker, judged);
      await store.insert(made);
      bell.ring(made.campaign.id);
      return (await store.get(made.campaign.id))!;
    },
    preview: async (input, asker) => judgeAll(parts, { ...input, unfit: "skip" }, asker),
    get: async (id) => {
      const found = await store.get(id);
      if (found === undefined) throw notFound(id);
      return found;
    },
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

type JudgedRequest = Judged & { request: DeploymentRequest | null };

/** @throws CampaignError `campaign-unfit`, or the one error that all nodes have in common */
async function judgeAll(
  { nodes, intake }: CampaignsParts,
  input: CampaignInput,
  { scope }: Asker,
): Promise<JudgedRequest[]> {
  const found = await selectNodes(nodes, input, scope);
  const willing = found.filter(({ maintenance }) => !maintenance);
  const verdicts = await intake.judge(input.deployment, willing);
  refuseForAll(verdicts);
  const byNode = new Map(willing.map(({ id }, index) => [id, verdicts[index]!]));
  const judged = found.map((node): JudgedRequest => {
    const verdict = byNode.get(node.id);
    if (verdict === undefined) return { node, request: null, hindrance: inMaintenance(node) };
    if (verdict instanceof IntakeError) return { node, request: null, hindrance: hindranceOf(verdict) };
    return { node, request: verdict, hindrance: null };
  });
  const isUnfit = verdicts.some((verdict) => verdict instanceof IntakeError);
  if (isUnfit && input.unfit !== "skip") refuseUnfit(judged);
  return judged;
}

/** What is wrong for every node in the same words is wrong with the request itself. */
function refuseForAll(verdicts: readonly (DeploymentRequest | IntakeError)[]): void {
  const isOwn = (verdict: object) => verdict instanceof IntakeError && verdict.code === "node-protected";
  const others = verdicts.filter((verdict) => !isOwn(verdict));
  const [first] = others;
  if (!(first instanceof IntakeError)) return;
  const { code, message, hint } = first;
  if (!others.every((other) => other instanceof IntakeError && other.code === code)) return;
  const fields = first.fields.map((field) => ({ ...field, path: `deployment.${field.path}` }));
  throw new IntakeError(message, { code, fields, ...(hint === undefined ? {} : { hint }) });
}

function refuseUnfit(judged: readonly JudgedRequest[]): never {
  const unfit = judged.filter(({ hindrance }) => hindrance !== null);
  throw new CampaignError(`${unfit.length} of ${judged.length} nodes cannot be deployed as asked`, {
    code: "campaign-unfit",
    hint: 'Leave them out, ask with unfit "skip", or see with dryRun what is wrong with each.',
    fields: unfit.map(({ node, hindrance }) => ({
      path: `nodes[${judged.findIndex((one) => one.node === node)}]`,
      message: `${node.name}: ${hindrance!.message}`,
    })),
  });
}

/** Not an error: whoever puts a node into maintenance wants campaigns to pass it by. */
const MAINTENANCE = "node-in-maintenance";

export function inMaintenance({ name }: Node): Hindrance {
  return { code: MAINTENANCE, message: `${name} is in maintenance`, hint: null, holder: null };
}

export function hindranceOf({ code, message, hint, inTheWay }: IntakeError): Hindrance {
  return { code, message, hint: hint ?? null, holder: inTheWay ?? null };
}

function arrange(
  { seals, serverOf, clock }: CampaignsParts,
  input: CampaignInput,
  { by, scope }: Asker,
  judged: readonly JudgedRequest[],
): NewCampaign {
  const nowMs = clock();
  const id = `camp_${ulid(nowMs)}`;
  const fitting = judged.filter(({ hindrance }) => hindrance === null);
  const { name, windows = [], weight = 1 } = input;
  const limits = completeLimits(input.limits, fitting.length);
  const campaign: Campaign = {
    id,
    name,
    state: "running",
    version: 1,
    limits,
    windows,
    weight,
    request: fitting[0]!.request!,
    scope: { ...scope },
    canary: limits.canary > 0 ? "waiting" : "none",
    paused: null,
    cancelRequested: null,
    forgiven: 0,
    createdBy: by,
    createdAt: new Date(nowMs).toISOString(),
    startedAt: null,
    endedAt: null,
  };
  const { lanes, nodes } = layOut(id, judged, limits.canary, serverOf);
  return {
    campaign,
    lanes,
    nodes,
    sealedTemplate: seals.seal(JSON.stringify(input.deployment), templateOf(id)),
    event: { type: "created", by, nodes: judged.length, skipped: judged.length - fitting.length },
  };
}

/** A sealed template opens for its own campaign only. */
export function templateOf(campaignId: string): string {
  return `${campaignId}/template`;
}

/** Unless told, a tenth of the nodes may fail before somebody has to look, but three of a few. */
function completeLimits(given: Partial<Limits> = {}, nodes: number): Limits {
  return {
    concurrent: CONCURRENT,
    perRack: null,
    perSite: null,
    serverBytesPerSecond: null,
    canary: 0,
    maxFailures: Math.max(3, Math.ceil(nodes / 10)),
    ...given,
  };
}

/** Puts each node into the lane of those that limits treat alike. */
function layOut(
  campaignId: string,
  judged: readonly JudgedRequest[],
  canaries: number,
  serverOf: CampaignsParts["serverOf"],
): Pick<NewCampaign, "lanes" | "nodes"> {
  const lanes = new Map<string, Lane>();
  let left = canaries;
  const nodes = judged.map(({ node, hindrance }) => {
    const isCanary = hindrance === null && left > 0;
    if (isCanary) left -= 1;
    const place = { isCanary, rack: node.rack, site: node.site, server: serverOf(node) };
    const key = JSON.stringify(place);
    const lane = lanes.get(key) ?? { campaignId, number: lanes.size, ...place, ...EMPTY };
    const state = hindrance === null ? ("waiting" as const) : ("skipped" as const);
    const count = state === "waiting" ? "ready" : "skipped";
    lanes.set(key, { ...lane, [count]: lane[count] + 1 });
    return { node: { id: node.id, name: node.name }, lane: lane.number, state, hindrance };
  });
  return { lanes: [...lanes.values()], nodes };
}

const EMPTY = { ready: 0, held: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, skipped: 0 };
