import assert from "node:assert/strict";
import { choose } from "../../src/campaigns/choose.ts";
import {
  type Campaign,
  type Lane,
  limitsOf,
  type PlaceLoad,
  type ServerLoad,
} from "../../src/campaigns/index.ts";
import { campaign, lane, NO_LIMITS } from "./fixture.ts";

const MOST = 1000;

interface More {
  atOnce?: number;
  loads?: Record<string, ServerLoad>;
  others?: PlaceLoad[];
}

function standing(campaigns: Campaign[], lanes: Lane[], { loads = {}, others = [] }: More = {}) {
  return { campaigns, lanes, others, loads: new Map(Object.entries(loads)) };
}

/** How many of each lane begin. */
function chosen(campaigns: Campaign[], lanes: Lane[], more: More = {}) {
  const bounds = { nowMs: Date.parse("2026-01-05T12:00:00Z"), atOnce: more.atOnce ?? MOST };
  const picks = choose(standing(campaigns, lanes, more), bounds, MOST);
  const counts: Record<string, number> = {};
  for (const { campaignId, lane: number } of picks)
    counts[`${campaignId}/${number}`] = (counts[`${campaignId}/${number}`] ?? 0) + 1;
  return counts;
}

const limited = (limits: Partial<Campaign["limits"]>) => campaign({ limits: { ...NO_LIMITS, ...limits } });

describe("who of a campaign begins next", () => {
  it("are as many as fit beside those that run, spread over the racks", () => {
    const racks = ["r1", "r2", "r3"].map((rack, number) => lane({ number, rack, ready: 10 }));
    assert.deepEqual(chosen([limited({ concurrent: 6 })], racks), {
      "camp_1/0": 2,
      "camp_1/1": 2,
      "camp_1/2": 2,
    });
    const busy = [{ ...racks[0]!, running: 4 }, racks[1]!, racks[2]!];
    assert.deepEqual(chosen([limited({ concurrent: 8 })], busy), { "camp_1/1": 2, "camp_1/2": 2 });
  });

  it("are no more of a rack than it may have, racks of one name in two sites apart", () => {
    const lanes = [
      lane({ number: 0, site: "ams1", rack: "r1", ready: 5, running: 1 }),
      lane({ number: 1, site: "fra1", rack: "r1", ready: 5 }),
      lane({ number: 2, site: "fra1", rack: null, ready: 5 }),
    ];
    assert.deepEqual(chosen([limited({ perRack: 2 })], lanes), {
      "camp_1/0": 1,
      "camp_1/1": 2,
      "camp_1/2": 5,
    });
    assert.deepEqual(chosen([limited({ perSite: 3 })], lanes), {
      "camp_1/0": 2,
      "camp_1/1": 2,
      "camp_1/2": 1,
    });
  });

  it("are those of another campaign's rack too, in its count", () => {
    const other = campaign({ id: "camp_2" });
    const lanes = [
      lane({ number: 0, rack: "r1", ready: 5 }),
      lane({ campaignId: "camp_2", number: 0, rack: "r1", running: 2 }),
    ];
    assert.deepEqual(chosen([limited({ perRack: 2 }), other], lanes), {});
  });

  it("are fewer by those of their rack and site that people began themselves", () => {
    const place = { site: "ams1", rack: "r1" };
    const lanes = [
      lane({ ...place, ready: 5 }),
      lane({ number: 1, ...place, rack: "r2", ready: 5 }),
      lane({ number: 2, site: "fra1", rack: "r1", ready: 5 }),
    ];
    const others = [
      { ...place, running: 1 },
      { ...place, running: 1 },
      { site: null, rack: null, running: 9 },
    ];
    assert.deepEqual(chosen([limited({ perRack: 3 })], lanes, { others }), {
      "camp_1/0": 1,
      "camp_1/1": 3,
      "camp_1/2": 3,
    });
    assert.deepEqual(chosen([limited({ perSite: 2 })], lanes, { others }), { "camp_1/2": 2 });
    assert.deepEqual(
      chosen([limited({ concurrent: 15 })], lanes, { others, atOnce: 15 }),
      { "camp_1/0": 5, "camp_1/1": 5, "camp_1/2": 5 },
      "limits of campaigns themselves count campaigns alone",
    );
  });

  it("are none while it is paused, or its window is shut, or the canaries are not over", () => {
    const lanes = [lane({ ready: 5 }), lane({ number: 1, isCanary: true, ready: 1, running: 1 })];
    const shut = { days: [], from: "01:00", to: "02:00", timeZone: "UTC" };
    assert.deepEqual(chosen([campaign({ state: "paused" })], lanes), {});
    assert.deepEqual(chosen([campaign({ state: "cancelling" })], lanes), {});
    assert.deepEqual(chosen([campaign({ windows: [shut] })], lanes), {});
    assert.deepEqual(chosen([campaign({ canary: "waiting" })], lanes), { "camp_1/1": 1 });
    assert.deepEqual(chosen([campaign({ canary: "passed" })], lanes), { "camp_1/0": 5, "camp_1/1": 1 });
  });

  it("share the room of all campaigns by their weights, whoever came first", () => {
    const campaigns = [campaign(), campaign({ id: "camp_2", weight: 3 })];
    const lanes = [lane({ ready: 100 }), lane({ campaignId: "camp_2", ready: 100 })];
    assert.deepEqual(chosen(campaigns, lanes, { atOnce: 40 }), { "camp_1/0": 10, "camp_2/0": 30 });
    const late = [lane({ ready: 60, running: 40 }), lane({ campaignId: "camp_2", ready: 100 })];
    assert.deepEqual(
      chosen(campaigns, late, { atOnce: 44 }),
      { "camp_2/0": 4 },
      "the next four are the other's",
    );
  });

  it("leave to others what one campaign cannot use", () => {
    const campaigns = [limited({ perRack: 1 }), campaign({ id: "camp_2" })];
    const lanes = [lane({ rack: "r1", ready: 50 }), lane({ campaignId: "camp_2", ready: 100 })];
    assert.deepEqual(chosen(campaigns, lanes, { atOnce: 20 }), { "camp_1/0": 1, "camp_2/0": 19 });
  });

  it("read no more from an image server than it may hand out, judged by those that read", () => {
    const one = limited({ serverBytesPerSecond: 100_000_000 });
    const loads = { "http://images": { bytesPerSecond: 40_000_000, reading: 2, begun: 2 } };
    assert.deepEqual(chosen([one], [lane({ ready: 9, running: 2 })], { loads }), { "camp_1/0": 3 });
    const others = { "http://images": { bytesPerSecond: 0, reading: 0, begun: 2 } };
    assert.deepEqual(
      chosen([one], [lane({ ready: 20, running: 2 })], { loads: others }),
      { "camp_1/0": 8 },
      "those that have read all do not count, the others as 100 Mbit/s each",
    );
    const tiny = limited({ serverBytesPerSecond: 1 });
    assert.deepEqual(
      chosen([tiny], [lane({ ready: 9 })]),
      { "camp_1/0": 1 },
      "a low limit does not stop all",
    );
  });
});

describe("what a lane waits for", () => {
  const bounds = { nowMs: Date.parse("2026-01-05T12:00:00Z"), atOnce: 10 };
  const limitOf = (one: Campaign, first: Lane, ...others: Lane[]) =>
    limitsOf(standing([one], [first, ...others]), bounds, one).get(first.number);

  it("is the first limit that it meets", () => {
    const ready = lane({ rack: "r1", site: "ams1", ready: 5 });
    const busy = { ...ready, running: 2 };
    const shut = { days: [], from: "01:00", to: "02:00", timeZone: "UTC" };
    assert.equal(limitOf(campaign(), ready), "turn");
    assert.equal(limitOf(campaign({ state: "paused" }), ready), "paused");
    assert.equal(limitOf(campaign({ windows: [shut] }), ready), "window");
    assert.equal(limitOf(campaign({ canary: "waiting" }), ready), "canary");
    assert.equal(limitOf(limited({ concurrent: 2 }), busy), "concurrent");
    assert.equal(limitOf(limited({ perSite: 2 }), busy), "perSite");
    assert.equal(limitOf(limited({ perRack: 2 }), busy), "perRack");
    assert.equal(limitOf(limited({ serverBytesPerSecond: 1 }), busy), "serverBandwidth");
    assert.equal(limitOf(campaign(), ready, lane({ number: 1, running: 10 })), "allCampaigns");
  });
});
