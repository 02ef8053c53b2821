import type * as z from "zod";
import {
  type CampaignNode,
  countsOf,
  type Hindrance,
  isCampaignOver,
  isOpen,
  type Judged,
  type Lane,
  type Limit,
  opensAtMs,
  type Standings,
} from "../../campaigns/index.ts";
import type { campaignPreview, shownCampaign, shownCampaignNode } from "../schemas/campaign.ts";
import { presentRequest } from "./record.ts";

type ShownCampaign = z.input<typeof shownCampaign>;
type LimitByLane = ReadonlyMap<number, Limit>;

/**
 * @param limits what each lane waits for
 * @param usualMs how long a deployment like these usually takes; null while nobody knows
 */
export function presentCampaign(
  standings: Standings,
  limits: LimitByLane,
  nowMs: number,
  usualMs: number | null,
): ShownCampaign {
  const { campaign, lanes } = standings;
  const { scope: _scope, forgiven: _forgiven, request, windows, state, ...fields } = campaign;
  const counts = countsOf(lanes);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const left = counts.waiting + counts.running;
  return {
    ...fields,
    state,
    final: isCampaignOver(state),
    counts: { total, ...counts },
    percent: total === 0 ? 100 : Math.floor((100 * (total - left)) / total),
    etaAt: estimate(standings, nowMs, usualMs),
    waitingOn: sumUp(standings, limits, nowMs),
    window: windows.length === 0 ? null : presentWindow(windows, nowMs),
    windows,
    request: presentRequest(request),
  };
}

function presentWindow(windows: Standings["campaign"]["windows"], nowMs: number): ShownCampaign["window"] {
  const opensAt = opensAtMs(windows, nowMs);
  return {
    isOpen: isOpen(windows, nowMs),
    opensAt: opensAt === null ? null : new Date(opensAt).toISOString(),
  };
}

/** As if the others took as long as those that have succeeded, or as is usual, as many at once as there are now. */
function estimate(
  { campaign, lanes, tookMs }: Standings,
  nowMs: number,
  usualMs: number | null,
): string | null {
  const { waiting, running, succeeded } = countsOf(lanes);
  const eachMs = succeeded > 0 ? tookMs / succeeded : usualMs;
  if (campaign.state !== "running" || eachMs === null || running === 0) return null;
  return new Date(nowMs + (waiting / running + 0.5) * eachMs).toISOString();
}

function sumUp(standings: Standings, limits: LimitByLane, nowMs: number): ShownCampaign["waitingOn"] {
  const { campaign, lanes } = standings;
  if (isCampaignOver(campaign.state)) return [];
  const groups = Map.groupBy(
    lanes.filter(({ ready }) => ready > 0),
    ({ number }) => limits.get(number) ?? "turn",
  );
  const sums = [...groups].map(([limit, group]) => ({
    limit,
    nodes: group.reduce((sum, { ready }) => sum + ready, 0),
    what: say(standings, limit, group, nowMs),
  }));
  const held = lanes.reduce((sum, lane) => sum + lane.held, 0);
  return held === 0
    ? sums
    : [...sums, { limit: "node", nodes: held, what: "their machines, which others have" }];
}

/** @param group the lanes that meet the limit */
function say({ campaign, lanes }: Standings, limit: Limit, group: readonly Lane[], nowMs: number): string {
  const { limits, windows, paused } = campaign;
  switch (limit) {
    case "paused":
      return paused?.by == null ? "somebody to look at what failed, and to resume" : `${paused.by} to resume`;
    case "window":
      return `the window that opens at ${new Date(opensAtMs(windows, nowMs) ?? nowMs).toISOString()}`;
    case "canary":
      return `${sayCount(countCanaries(lanes), "canary", "canaries")} to succeed first`;
    case "concurrent":
      return `one of the ${limits.concurrent} deployments of this campaign to end`;
    case "perSite":
      return `room in ${names("site", group, ({ site }) => site)}: ${limits.perSite} at once`;
    case "perRack":
      return `room in ${names("rack", group, ({ rack }) => rack)}: ${limits.perRack} at once`;
    case "serverBandwidth":
      return `bandwidth of ${names("image server", group, ({ server }) => server)}`;
    case "allCampaigns":
      return "room among the deployments of all campaigns";
    case "node":
      return "its machine, which another has";
    case "turn":
      return "their turn, which comes now";
    default:
      return limit satisfies never;
  }
}

const countCanaries = (lanes: readonly Lane[]) => {
  const { waiting, running } = countsOf(lanes.filter(({ isCanary }) => isCanary));
  return waiting + running;
};

const sayCount = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

const NAMES_SHOWN = 3;

function names(what: string, group: readonly Lane[], nameOf: (lane: Lane) => string | null): string {
  const all = [...new Set(group.map((lane) => nameOf(lane) ?? ""))];
  const shown = all.slice(0, NAMES_SHOWN).join(", ");
  const more = all.length > NAMES_SHOWN ? ` and ${all.length - NAMES_SHOWN} more` : "";
  return `${what}${all.length > 1 ? "s" : ""} ${shown}${more}`;
}

export function presentCampaignNode(
  { lane: number, isHeld, deploymentId, hindrance, ...shown }: CampaignNode,
  standings: Standings,
  limits: LimitByLane,
  nowMs: number,
): z.input<typeof shownCampaignNode> {
  const lane = standings.lanes.find((one) => one.number === number)!;
  return {
    ...shown,
    canary: lane.isCanary,
    rack: lane.rack,
    site: lane.site,
    deployment: deploymentId,
    waitingFor:
      shown.state === "waiting"
        ? waitingFor(standings, lane, limits, isHeld ? hindrance : null, nowMs)
        : null,
    error: hindrance,
  };
}

function waitingFor(
  standings: Standings,
  lane: Lane,
  limits: LimitByLane,
  hindrance: Hindrance | null,
  nowMs: number,
): z.input<typeof shownCampaignNode>["waitingFor"] {
  if (hindrance !== null) return { limit: "node", what: hindrance.message };
  const limit = limits.get(lane.number) ?? "turn";
  return {
    limit,
    what: limit === "turn" ? "its turn, which comes now" : say(standings, limit, [lane], nowMs),
  };
}

export function presentPreview(judged: readonly Judged[]): z.input<typeof campaignPreview> {
  const nodes = judged.map(({ node: { id, name }, hindrance }) => ({
    node: { id, name },
    fits: hindrance === null,
    error: hindrance,
  }));
  const fitting = nodes.filter(({ fits }) => fits).length;
  return { fitting, unfit: nodes.length - fitting, nodes };
}
