import assert from "node:assert/strict";
import { type Campaigns, createCampaigns } from "../../src/campaigns/index.ts";
import { judge } from "../../src/campaigns/judge.ts";
import type { Database } from "../../src/database/index.ts";
import { createIntake } from "../../src/deploy/index.ts";
import { NODE, type Running, startApi, stopAll } from "../api/fixture.ts";
import { sealNothing } from "../api/memory.ts";
import { claimed, END, forward, newRecord } from "../database/fixture.ts";
import { openTemporary } from "../database/sqlite.ts";
import { run, type } from "./fixture.ts";

const ISO = "https://images.example/noble.iso";

describe("the campaign command", () => {
  let database: Database;
  let api: Running;
  beforeEach(async () => {
    database = await openTemporary();
    api = await startApi({ campaigns: late(() => campaigns) });
    const campaigns = campaignsOver(database, api);
    for (const rack of ["r1", "r2"])
      for (const place of ["u01", "u02"])
        await api.call("POST", "/v1/nodes", {
          ...NODE,
          name: `${rack}-${place}`,
          rack,
          labels: { role: "worker" },
        });
  });
  afterEach(async () => {
    await stopAll();
    await database.close();
  });

  const create = (...more: string[]) =>
    run(api, ["campaign", "create", "--name", "noble", "--select", "role=worker", "--iso", ISO, ...more]);
  /** Lets all begin that may, and ends them so. */
  const play = async (state: "succeeded" | "failed", count: number) => {
    const { campaigns } = database;
    const { lanes } = await campaigns.standing();
    const picks = lanes.flatMap(({ campaignId, number, ready }) =>
      Array.from({ length: ready }, () => ({ campaignId, lane: number })),
    );
    const { taken } = await campaigns.turn({
      claimMs: 60_000,
      decide: () => ({ changes: [], picks: picks.slice(0, count) }),
    });
    for (const { campaignId, nodeId, claim } of taken) {
      const record = { ...newRecord({ nodeId }), campaign: { id: campaignId, claim } };
      await database.records.accept(record);
      const { view, ...held } = await claimed(database, { id: record.view.id, hint: 1 });
      const last = forward(view, END);
      await database.records.commit(held, { ...last, view: { ...last.view, state } });
    }
    await settle(database);
  };

  it("makes one of options, and says what it waits for", async () => {
    const made = await create(
      "--per-rack",
      "1",
      "--canary",
      "1",
      "--window",
      "sat/01:00-02:00/UTC",
      "--expect",
      "4",
    );
    assert.equal(made.status, 0, made.err);
    assert.match(
      made.out,
      /^accepted camp_\w+: noble, 4 machines\n {2}watch it: trayload campaign watch camp_/,
    );
    const { out } = await run(api, ["campaign", "show", "noble"]);
    assert.match(out, /nodes +4: 4 waiting/);
    assert.match(out, /limits +concurrent 50, perRack 1, canary 1, maxFailures 3/);
    assert.match(out, /window +sat 01:00 to 02:00 UTC/);
    const { out: list } = await run(api, ["campaign", "list", "--state", "running"]);
    assert.match(list, /camp_\w+ +noble +running +0 % +0 +0 +4/);
    const { out: nodes } = await run(api, ["campaign", "nodes", "noble", "--state", "waiting"]);
    assert.match(nodes, /r1-u01 +waiting \(canary\) +r1 +- +waits for/);
  });

  it("says what is wrong, before anything is asked and after", async () => {
    for (const words of [
      ["campaign", "create", "--select", "role=worker", "--iso", ISO],
      ["campaign", "create", "--name", "x", "--iso", ISO],
      ["campaign", "create", "--name", "x", "--select", "role=worker"],
      ["campaign", "create", "--name", "x", "--window", "at night"],
    ])
      assert.equal((await run(undefined, words)).status, 2, words.join(" "));
    const refused = await create("--expect", "7");
    assert.equal(refused.status, 1);
    assert.match(refused.err, /4 nodes were found where 7 were expected \(campaign-size-unexpected\)/);
    assert.match(
      (await run(api, ["campaign", "show", "nobody"])).err,
      /neither a campaign's id nor the name/,
    );
  });

  it("tries without doing, and tells of each machine that does not fit", async () => {
    await api.call("PATCH", "/v1/nodes/r1-u02", { protected: true });
    const { out, status } = await create("--dry-run");
    assert.equal(status, 1);
    assert.equal(
      out,
      "3 of 4 machines can be deployed so; nothing was done\n  r1-u02  node r1-u02 is protected\n",
    );
    assert.equal((await create("--dry-run", "--skip-unfit")).status, 0);
    assert.match((await run(api, ["campaign", "list"])).out, /no campaigns/);
  });

  it("watches to the end, tells what failed, and exits by how it ended", async () => {
    await create();
    const watching = type(api, ["campaign", "watch", "noble"]);
    await watching.until("0 of 4");
    await play("failed", 1);
    await watching.until("failed: trayload deployment show dep_");
    await play("succeeded", 3);
    assert.equal(await watching.ended, 1);
    assert.match(watching.out, /failed after [^:]+: noble, 4: 3 succeeded, 1 failed\n/);
    assert.match(watching.out, /trayload campaign nodes camp_\w+ --state failed/);
    assert.match(watching.out, /trayload campaign retry camp_\w+\n$/);
  });

  it("deploys what failed again, and says of what it is the retry", async () => {
    await create();
    await play("failed", 2);
    await play("succeeded", 2);
    const retry = await run(api, ["campaign", "retry", "noble"]);
    assert.equal(retry.status, 0, retry.err);
    assert.match(
      retry.out,
      /^accepted camp_\w+: noble, 2 machines\n {2}watch it: trayload campaign watch camp_/,
    );
    assert.match((await run(api, ["campaign", "show", "noble"])).out, /retry of +camp_/);
    const early = await run(api, ["campaign", "retry", "noble"]);
    assert.equal(early.status, 1);
    assert.match(early.err, /is running \(campaign-not-retryable\)/);
    await play("succeeded", 2);
    assert.equal((await run(api, ["campaign", "watch", "noble", "--wait"])).status, 0);
  });

  it("draws one line on a terminal", async () => {
    await create();
    const watching = type(api, ["campaign", "watch", "noble"], { isTerminal: true });
    await watching.until("[░░░░░░░░░░░░░░░░░░░░░░░░]  0 of 4");
    await play("succeeded", 4);
    assert.equal(await watching.ended, 0);
    assert.match(watching.out, /succeeded after [^:]+: noble, 4: 4 succeeded\n$/);
  });

  it("pauses, resumes and cancels by name, and stops watching when told", async () => {
    await create();
    const said = async (...words: string[]) => (await run(api, ["campaign", ...words])).out;
    assert.equal(await said("pause", "noble"), "noble is paused: 0 running, 4 waiting\n");
    assert.match(await said("show", "noble"), /4 wait for admin to resume/);
    assert.equal(await said("resume", "noble"), "noble is running: 0 running, 4 waiting\n");
    const late = await run(api, ["campaign", "watch", "noble", "--watch-for", "20ms"]);
    assert.equal(late.status, 5);
    assert.match(late.err, /the campaign goes on/);
    assert.equal(await said("cancel", "noble"), "noble is cancelling: 0 running, 0 waiting\n");
    await settle(database);
    assert.equal((await run(api, ["campaign", "watch", "noble", "--wait"])).status, 3);
  });
});

/** Has what was decided by nobody but the test seen by the campaigns themselves. */
async function settle({ campaigns }: Database): Promise<void> {
  await campaigns.turn({
    claimMs: 60_000,
    decide: ({ campaigns: all, lanes }) => ({
      changes: all.flatMap((one) => judge(one, lanes, "2026-01-01T00:00:00.000Z") ?? []),
      picks: [],
    }),
  });
}

function campaignsOver(database: Database, api: Running): Campaigns {
  const { nodes, records } = api;
  const store = records as unknown as Parameters<typeof createIntake>[0]["store"];
  const missing = async (): Promise<never> => Promise.reject(new Error("this test has none"));
  const intake = createIntake({
    store,
    hints: { add: async () => undefined },
    bell: records.bell,
    nodes: nodes as never,
    images: { admit: () => undefined, resolve: missing },
    agentImages: { read: async () => ({}) },
    blobs: { keep: async () => false, add: missing, find: missing, read: missing },
    seals: sealNothing,
    clock: Date.now,
  });
  return createCampaigns({
    store: database.campaigns,
    nodes: nodes as never,
    intake,
    seals: { seal: (plain) => plain, open: (sealed) => sealed },
    bell: records.bell,
    serverOf: () => "http://images",
    clock: Date.now,
    atOnce: 100,
  });
}

/** Stands for what is made later of parts that do not know it. */
function late(made: () => Campaigns): Campaigns {
  return new Proxy({} as Campaigns, { get: (_, name) => made()[name as keyof Campaigns] });
}
