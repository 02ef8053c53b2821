import type { Campaign, Lane } from "./campaign.ts";
import { isOpen } from "./windows.ts";

/** What image servers hand out to the deployments of campaigns, as last measured. */
export interface ServerLoad {
  bytesPerSecond: number;
  /** Deployments that were reading then. */
  reading: number;
  /** Deployments that had read something by then. */
  begun: number;
}

/** Deployments under way in one rack of one site. */
export interface PlaceLoad {
  site: string | null;
  rack: string | null;
  running: number;
}

/** All campaigns that are not over, and where their nodes stand. */
export interface Standing {
  campaigns: Campaign[];
  lanes: Lane[];
  /** What people and pipelines began by themselves; needs to be known only where a campaign has a limit of places. */
  others: PlaceLoad[];
  loads: ReadonlyMap<string, ServerLoad>;
}

export interface Bounds {
  nowMs: number;
  /** Deployments of all campaigns at once. */
  atOnce: number;
}

/** What keeps a node waiting; `turn` means that nothing does. */
export type Limit =
  | "paused"
  | "window"
  | "canary"
  | "concurrent"
  | "perSite"
  | "perRack"
  | "serverBandwidth"
  | "allCampaigns"
  | "node"
  | "turn";

/** One more deployment, of a lane. */
export interface Choice {
  campaignId: string;
  lane: number;
}

/** What a line of a BMC with 100 Mbit/s can read: assumed of deployments while none has read anything. */
const ASSUMED_BYTES_PER_SECOND = 12_500_000;

/** Who has how much, and what else would be let in. Changed by `admit`. */
interface Room {
  limitOf(campaign: Campaign, lane: Lane): Exclude<Limit, "node">;
  admit(lane: Lane): void;
  /** Deployments of a campaign under way, those that were just admitted with them. */
  running(campaign: Campaign): number;
  lanesOf(campaign: Campaign): Lane[];
  /** Of a lane, those that were just admitted with them. */
  runningIn(lane: Lane): number;
}

/**
 * Chooses who begins next. Of the campaigns that have a node which may begin, the one that has the least for its weight
 * comes first; within a campaign, the lane with the fewest running, so that work is spread over racks.
 *
 * @param most how many at most
 */
export function choose(standing: Standing, bounds: Bounds, most: number): Choice[] {
  const room = openRoom(standing, bounds);
  const left = new Map(standing.lanes.map((lane) => [lane, lane.ready]));
  const picks: Choice[] = [];
  while (picks.length < most) {
    const next = nextOf(room, standing.campaigns, left);
    if (next === undefined) break;
    room.admit(next);
    left.set(next, left.get(next)! - 1);
    picks.push({ campaignId: next.campaignId, lane: next.number });
  }
  return picks;
}

function nextOf(room: Room, campaigns: readonly Campaign[], left: Map<Lane, number>): Lane | undefined {
  const share = (campaign: Campaign) => room.running(campaign) / campaign.weight;
  for (const campaign of campaigns.toSorted((a, b) => share(a) - share(b) || (a.id < b.id ? -1 : 1))) {
    const lane = nextLane(room, campaign, left);
    if (lane !== undefined) return lane;
  }
  return undefined;
}

function nextLane(room: Room, campaign: Campaign, left: Map<Lane, number>): Lane | undefined {
  let best: Lane | undefined;
  for (const lane of room.lanesOf(campaign)) {
    if (left.get(lane) === 0) continue;
    if (best !== undefined && room.runningIn(best) <= room.runningIn(lane)) continue;
    if (room.limitOf(campaign, lane) === "turn") best = lane;
  }
  return best;
}

/** What each lane of a campaign waits for, the first limit that it meets; lanes whose nodes wait for nothing too. */
export function limitsOf(standing: Standing, bounds: Bounds, campaign: Campaign): Map<number, Limit> {
  const room = openRoom(standing, bounds);
  return new Map(room.lanesOf(campaign).map((lane) => [lane.number, room.limitOf(campaign, lane)]));
}

function openRoom({ campaigns, lanes, others, loads }: Standing, { nowMs, atOnce }: Bounds): Room {
  const keys = new Map(lanes.map((lane) => [lane, keysOf(lane)]));
  const used = new Map<string, number>();
  const add = (key: string, more: number) => used.set(key, (used.get(key) ?? 0) + more);
  const count = (lane: Lane, more: number) => {
    for (const key of Object.values(keys.get(lane)!)) add(key, more);
  };
  const get = (key: string) => used.get(key) ?? 0;
  for (const lane of lanes) count(lane, lane.running);
  for (const { running, ...place } of others)
    for (const key of Object.values(placesOf(place))) add(key, running);
  const byCampaign = Map.groupBy(lanes, ({ campaignId }) => campaignId);
  const isShut = new Map(campaigns.map(({ id, windows }) => [id, !isOpen(windows, nowMs)]));

  const limitOf: Room["limitOf"] = ({ id, state, limits, canary }, lane) => {
    const key = keys.get(lane)!;
    if (state !== "running") return "paused";
    if (isShut.get(id)!) return "window";
    if (canary === "waiting" && !lane.isCanary) return "canary";
    if (get(key.campaign) >= limits.concurrent) return "concurrent";
    const { perSite, perRack, serverBytesPerSecond } = limits;
    if (lane.site !== null && perSite !== null && get(key.site) >= perSite) return "perSite";
    if (lane.rack !== null && perRack !== null && get(key.rack) >= perRack) return "perRack";
    const isFull = (most: number) => !hasBandwidth(loads.get(lane.server), get(key.server), most);
    if (serverBytesPerSecond !== null && isFull(serverBytesPerSecond)) return "serverBandwidth";
    return get(key.all) >= atOnce ? "allCampaigns" : "turn";
  };
  return {
    limitOf,
    admit: (lane) => count(lane, 1),
    running: ({ id }) => get(campaignKey(id)),
    runningIn: (lane) => get(keys.get(lane)!.lane),
    lanesOf: ({ id }) => byCampaign.get(id) ?? [],
  };
}

const campaignKey = (id: string) => `campaign ${id}`;

/** By what a lane's deployments are counted. */
function keysOf({ campaignId, number, server, ...place }: Lane) {
  return {
    all: "all",
    campaign: campaignKey(campaignId),
    lane: `lane ${campaignId} ${number}`,
    ...placesOf(place),
    server: `server ${server}`,
  };
}

/** Racks of two sites may have one name. */
function placesOf({ site, rack }: Pick<Lane, "site" | "rack">) {
  return { site: `site ${site}`, rack: `rack ${JSON.stringify([site, rack])}` };
}

/**
 * Whether one more may read from a server. Deployments that have read nothing yet count as much as those that read, on the
 * average; the only one is let through whatever it reads, or a low limit would stop all for ever.
 */
function hasBandwidth(load: ServerLoad | undefined, running: number, limit: number): boolean {
  if (running === 0) return true;
  const { bytesPerSecond, reading, begun } = load ?? { bytesPerSecond: 0, reading: 0, begun: 0 };
  const each = reading > 0 ? bytesPerSecond / reading : ASSUMED_BYTES_PER_SECOND;
  const yetToRead = Math.max(0, running - begun);
  return bytesPerSecond + (yetToRead + 1) * each <= limit;
}
