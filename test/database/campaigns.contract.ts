import assert from "node:assert/strict";
import type { CampaignStore, Choice, Turn } from "../../src/campaigns/index.ts";
import type { Database } from "../../src/database/index.ts";
import { createNodes } from "../../src/nodes/index.ts";
import { newCampaign, NO_LIMITS } from "../campaigns/fixture.ts";
import { claimed, END, forward, newRecord, pass } from "./fixture.ts";

const CLAIM_MS = 60_000;

/** What every database must do for campaigns. `open` gives an empty one. */
export function campaignsContract(open: () => Promise<Database>): void {
  let database: Database;
  let store: CampaignStore;
  beforeEach(async () => {
    database = await open();
    store = database.campaigns;
  });
  afterEach(() => database.close());

  const pick = (lane: number, count: number, campaignId = "camp_1"): Choice[] =>
    Array.from({ length: count }, () => ({ campaignId, lane }));
  const turn = (picks: Choice[] = [], claimMs = CLAIM_MS): Promise<Turn> =>
    store.turn({ claimMs, decide: () => ({ changes: [], picks }) });
  const counts = async () => {
    const { lanes } = (await store.get("camp_1"))!;
    return lanes.map(({ ready, held, running, succeeded, failed, cancelled }) =>
      [ready, held, running, succeeded, failed, cancelled].join(" "),
    );
  };
  /** Accepts the deployment of a node that was taken. */
  const accept = async ({ campaignId, nodeId, claim }: Turn["taken"][number], at = claim) => {
    const record = { ...newRecord({ nodeId }), campaign: { id: campaignId, claim: at } };
    return { ...(await database.records.accept(record)), id: record.view.id };
  };
  /** Ends a deployment. */
  const end = async (id: string) => {
    const claim = await claimed(database, { id, hint: 1 });
    await database.records.commit(claim, forward(claim.view, END));
  };

  it("are read as they were kept, with their nodes in order", async () => {
    const made = newCampaign({ r1: 2, r2: 1 });
    await store.insert(made);
    const { campaign, lanes, tookMs } = (await store.get("camp_1"))!;
    assert.deepEqual([campaign, lanes, tookMs], [made.campaign, made.lanes, 0]);
    assert.equal(await store.sealedTemplate("camp_1"), made.sealedTemplate);
    const query = { campaignId: "camp_1", limit: 2 };
    const first = await store.nodes(query);
    const rest = await store.nodes({ ...query, after: first.at(-1)!.place });
    assert.deepEqual(
      [...first, ...rest].map(({ node, state, lane }) => [node.name, state, lane]),
      [
        ["r1-0", "waiting", 0],
        ["r1-1", "waiting", 0],
        ["r2-0", "waiting", 1],
      ],
    );
    assert.deepEqual(await store.nodes({ ...query, states: ["running", "failed"] }), []);
    assert.equal(await store.get("camp_2"), undefined);
    assert.equal(await store.sealedTemplate("camp_2"), undefined);
  });

  it("are listed newest first, by state, name and scope", async () => {
    await store.insert(newCampaign({ r1: 1 }));
    await store.insert(
      newCampaign({ r1: 1 }, { id: "camp_2", name: "b", scope: { team: "red", room: "1" } }),
    );
    const list = async (query: object) =>
      (await store.list({ scope: {}, limit: 10, ...query })).map(({ campaign }) => campaign.id);
    assert.deepEqual(await list({}), ["camp_2", "camp_1"]);
    assert.deepEqual(await list({ before: "camp_2" }), ["camp_1"]);
    assert.deepEqual(await list({ name: "b" }), ["camp_2"]);
    assert.deepEqual(await list({ states: ["paused"] }), []);
    assert.deepEqual(await list({ scope: { team: "red" } }), ["camp_2"]);
    assert.deepEqual(await list({ scope: { team: "blue" } }), []);
  });

  it("give each node one deployment, however many take it", async () => {
    await store.insert(newCampaign({ r1: 5 }));
    const turns = await Promise.all([turn(pick(0, 3)), turn(pick(0, 3))]);
    const taken = turns.flatMap((one) => one.taken);
    assert.equal(new Set(taken.map(({ nodeId }) => nodeId)).size, 5);
    assert.equal(taken.length, 5);
    const [first] = taken;
    const answers = await Promise.all([accept(first!), accept(first!)]);
    assert.equal(answers.filter(({ accepted }) => accepted).length, 1);
    const refusal = answers.find(({ accepted }) => !accepted)!;
    assert.ok(!refusal.accepted && refusal.reason === "not-taken");
    assert.deepEqual(await counts(), ["0 0 5 0 0 0"]);
    const query = { kind: "deployment", campaignId: "camp_1", limit: 9 } as const;
    assert.equal((await database.records.list(query)).length, 1);
  });

  it("take a node again whose taker died, and his late deployment is refused", async () => {
    await store.insert(newCampaign({ r1: 1 }));
    const [lost] = (await turn(pick(0, 1), 20)).taken;
    await pass(40);
    const { taken } = await turn();
    assert.deepEqual([taken, await counts()], [[], ["1 0 0 0 0 0"]]);
    assert.equal((await accept(lost!)).accepted, false, "it waits again");
    const [again] = (await turn(pick(0, 1))).taken;
    assert.equal((await accept(again!, lost!.claim)).accepted, false, "it is another's");
    assert.equal((await accept(again!)).accepted, true);
  });

  it("count what has ended once, and know the time that it took", async () => {
    await store.insert(newCampaign({ r1: 2 }));
    const { taken } = await turn(pick(0, 2));
    assert.equal(await store.hasEnded(), false);
    const [one, other] = [await accept(taken[0]!), await accept(taken[1]!)];
    await end(one.id);
    assert.equal(await store.hasEnded(), true);
    const { changed } = await turn();
    assert.deepEqual([changed, await counts(), await store.hasEnded()], [["camp_1"], ["0 0 1 1 0 0"], false]);
    await turn();
    assert.deepEqual(await counts(), ["0 0 1 1 0 0"]);
    const [node] = await store.nodes({ campaignId: "camp_1", states: ["succeeded"], limit: 9 });
    assert.deepEqual([node!.deploymentId, node!.endedAt === null], [one.id, false]);
    assert.deepEqual(
      (await store.running()).map(({ deploymentId }) => deploymentId),
      [other.id],
    );
  });

  it("hold a node until its time, and fail one for good", async () => {
    await store.insert(newCampaign({ r1: 2 }));
    const { taken } = await turn(pick(0, 2));
    const hindrance = { code: "node-busy", message: "held by dep_9", hint: null, holder: "dep_9" };
    await store.settle(taken[0]!, { kind: "held", hindrance, dueInMs: 30 });
    await store.settle(taken[1]!, { kind: "failed", hindrance });
    await store.settle(taken[1]!, { kind: "failed", hindrance });
    assert.deepEqual(await counts(), ["0 1 0 0 1 0"]);
    const [held] = await store.nodes({ campaignId: "camp_1", states: ["waiting"], limit: 9 });
    assert.deepEqual([held!.isHeld, held!.hindrance], [true, hindrance]);
    await pass(50);
    await turn();
    assert.deepEqual(await counts(), ["1 0 0 0 1 0"]);
    const events = (await store.events("camp_1", 0, 9)).map(({ seq, type }) => `${seq} ${type}`);
    assert.deepEqual(events, ["1 created", "2 node-failed"]);
  });

  it("let go of what waits when they are cancelled, whoever has just taken it, and name what runs", async () => {
    await store.insert(newCampaign({ r1: 4 }));
    const { taken } = await turn(pick(0, 2));
    const running = await accept(taken[0]!);
    const cancelRequested = { by: "ops", at: "2026-01-01T00:00:00.000Z", running: "cancel" } as const;
    const after = await store.change("camp_1", ({ campaign }) => ({
      campaign: { ...campaign, state: "cancelling", cancelRequested },
      events: [{ type: "cancel-requested", by: "ops", running: "cancel" }],
      withdraws: true,
    }));
    assert.ok(after!.campaign.version > 1);
    assert.deepEqual(await counts(), ["0 0 1 0 0 3"]);
    assert.equal((await accept(taken[1]!)).accepted, false);
    assert.deepEqual((await turn()).toCancel, [{ deploymentId: running.id, by: "ops" }]);
    await store.cancelSent([running.id]);
    assert.deepEqual((await turn()).toCancel, []);
    assert.equal(await store.change("camp_9", () => undefined), undefined);
  });

  it("keep their events in one order for those who pass them on", async () => {
    const start = await store.lastPosition();
    await store.insert(newCampaign({ r1: 1 }));
    await store.insert(newCampaign({ r1: 1 }, { id: "camp_2" }));
    const found = await store.eventsSince(start, 9);
    assert.deepEqual(
      found.map(({ campaign, event }) => `${campaign.id} ${event.type}`),
      ["camp_1 created", "camp_2 created"],
    );
    assert.equal(await store.lastPosition(), found[1]!.position);
    assert.deepEqual(await store.eventsSince(found[0]!.position, 9), [found[1]]);
  });

  it("know which others run in racks and sites, where a campaign is limited by these", async () => {
    const secrets = { seal: (plain: string) => plain, open: (sealed: string) => sealed };
    const nodes = createNodes({ store: database.nodes, secrets, clock: Date.now });
    const nodeIn = async (name: string, site: string | null, rack: string | null) =>
      (await nodes.add({ name, site, rack, bmc: { address: `https://${name}`, username: "u" } }, "p")).id;
    const single = newRecord({ nodeId: await nodeIn("a", "ams1", "r1") });
    await database.records.accept(single);
    await database.records.accept(newRecord({ nodeId: await nodeIn("b", null, null) }));
    const queued = newRecord({ nodeId: single.view.node.id, node: "queue" });
    await database.records.accept(queued);
    const over = newRecord({ nodeId: await nodeIn("c", "ams1", "r2") });
    await database.records.accept(over);
    await end(over.view.id);
    const own = { id: await nodeIn("d", "ams1", "r3"), name: "d" };
    const made = newCampaign({ r3: 1 });
    await store.insert({ ...made, nodes: [{ ...made.nodes[0]!, node: own }] });
    assert.ok((await accept((await turn(pick(0, 1))).taken[0]!)).accepted);
    const others = async () =>
      (await store.standing()).others.map(({ site, rack, running }) => `${site} ${rack} ${running}`);
    assert.deepEqual(await others(), [], "nobody needs to know");
    const limits = { ...NO_LIMITS, perRack: 1 };
    await store.insert(newCampaign({ r1: 1 }, { id: "camp_2", limits }));
    assert.deepEqual((await others()).toSorted(), ["ams1 r1 1", "null null 1"]);
  });

  it("are retried once, with the nodes that failed and were left alone since", async () => {
    const made = newCampaign({ r1: 5 });
    await store.insert(made);
    const hindrance = { code: "node-protected", message: "protected", hint: null, holder: null };
    for (const taken of (await turn(pick(0, 4))).taken)
      await store.settle(taken, { kind: "failed", hindrance });
    const ids = made.nodes.map(({ node }) => node.id);
    assert.deepEqual(await store.failedNodes("camp_1", "deploy"), ids.slice(0, 4), "the fifth waits");
    await database.records.accept(newRecord({ nodeId: ids[1]!, createdAt: "2026-01-01T00:00:00.000Z" }));
    const again = newRecord({ nodeId: ids[0]!, createdAt: "2126-01-01T00:00:00.000Z" });
    await database.records.accept(again);
    assert.deepEqual(await store.failedNodes("camp_1", "deploy"), ids.slice(1, 4), "one is deployed now");
    assert.deepEqual(await store.failedNodes("camp_1", "inspect"), ids.slice(0, 4), "not inspected");
    await end(again.view.id);
    assert.deepEqual(await store.failedNodes("camp_1", "deploy"), ids.slice(1, 4), "it has succeeded");

    const retries = ["camp_2", "camp_3"].map((id) => newCampaign({ r1: 1 }, { id, retryOf: "camp_1" }));
    const kept = await Promise.all(retries.map((retry) => store.insert(retry)));
    assert.equal(kept.filter(Boolean).length, 1);
    const won = retries[kept.indexOf(true)]!.campaign.id;
    assert.equal((await store.get("camp_1"))!.campaign.retriedAs, won);
    const listed = (await store.list({ scope: {}, limit: 9 })).map(({ campaign }) => campaign.id);
    assert.deepEqual(listed, [won, "camp_1"], "nothing is kept of the other");
  });

  it("know what image servers handed out last", async () => {
    await store.noteLoads(new Map([["http://a", { bytesPerSecond: 9.4, reading: 2, begun: 3 }]]));
    await store.noteLoads(new Map([["http://b", { bytesPerSecond: 5, reading: 1, begun: 1 }]]));
    const { loads, campaigns } = await store.standing();
    assert.deepEqual([...loads], [["http://b", { bytesPerSecond: 5, reading: 1, begun: 1 }]]);
    assert.deepEqual(campaigns, []);
  });
}
