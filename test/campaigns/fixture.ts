import {
  type Campaign,
  type Lane,
  type Limits,
  type NewCampaign,
  templateOf,
} from "../../src/campaigns/index.ts";
import { newRecord } from "../database/fixture.ts";

const AT = "2026-01-05T12:00:00.000Z";
const request = newRecord().view.request as Campaign["request"];

export const NO_LIMITS: Limits = {
  concurrent: 1000,
  perRack: null,
  perSite: null,
  serverBytesPerSecond: null,
  canary: 0,
  maxFailures: null,
};

export function campaign(changes: Partial<Campaign> = {}): Campaign {
  return {
    id: "camp_1",
    name: "noble",
    state: "running",
    version: 1,
    limits: NO_LIMITS,
    windows: [],
    weight: 1,
    request,
    scope: {},
    canary: "none",
    paused: null,
    cancelRequested: null,
    forgiven: 0,
    retryOf: null,
    retriedAs: null,
    createdBy: "admin",
    createdAt: AT,
    startedAt: null,
    endedAt: null,
    ...changes,
  };
}

export function lane(changes: Partial<Lane> = {}): Lane {
  const place = { isCanary: false, rack: null, site: null, server: "http://images" };
  const counts = { ready: 0, held: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, skipped: 0 };
  return { campaignId: "camp_1", number: 0, ...place, ...counts, ...changes };
}

/** A campaign of so many nodes in each of its racks. */
export function newCampaign(racks: Record<string, number>, changes: Partial<Campaign> = {}): NewCampaign {
  const made = campaign(changes);
  const lanes = Object.entries(racks).map(([rack, ready], number) =>
    lane({ campaignId: made.id, number, rack, site: "ams1", ready }),
  );
  const nodes = lanes.flatMap(({ rack, ready, number }) =>
    Array.from({ length: ready }, (_, index) => ({
      node: { id: `node_${made.id.slice(5)}_${rack}_${index}`, name: `${rack}-${index}` },
      lane: number,
      state: "waiting" as const,
      hindrance: null,
    })),
  );
  const event = { type: "created", by: "admin", nodes: nodes.length, skipped: 0 } as const;
  return { campaign: made, lanes, nodes, sealedTemplate: `sealed for ${templateOf(made.id)}`, event };
}
