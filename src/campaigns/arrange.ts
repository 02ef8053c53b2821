import { ulid } from "ulid";
import type { Seals } from "../deploy/index.ts";
import type { Node } from "../nodes/index.ts";
import type { Campaign, Lane, Limits } from "./campaign.ts";
import type { Asker, CampaignInput, JudgedRequest } from "./input.ts";
import type { NewCampaign } from "./store.ts";

interface ArrangeParts {
  seals: Pick<Seals, "seal">;
  /** The image server that a node's BMC reads from. */
  serverOf: (node: Node) => string;
  clock: () => number;
}

/** As Ironic's operators advise: more at once gain little and lose much when something is wrong. */
const CONCURRENT = 50;

/**
 * A new campaign of judged nodes, of which one at least can be deployed.
 *
 * @param retryOf the campaign whose failed nodes they are
 */
export function arrange(
  { seals, serverOf, clock }: ArrangeParts,
  input: CampaignInput,
  { by, scope }: Asker,
  judged: readonly JudgedRequest[],
  retryOf: string | null = null,
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
    retryOf,
    retriedAs: null,
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
    maxFailures: usualFailures(nodes),
    ...given,
  };
}

/** As long as nobody says how many may fail. */
export function usualFailures(nodes: number): number {
  return Math.max(3, Math.ceil(nodes / 10));
}

/** Puts each node into the lane of those that limits treat alike. */
function layOut(
  campaignId: string,
  judged: readonly JudgedRequest[],
  canaries: number,
  serverOf: ArrangeParts["serverOf"],
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
