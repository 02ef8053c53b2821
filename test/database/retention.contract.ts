import assert from "node:assert/strict";
import { sql as raw } from "kysely";
import { ulid } from "ulid";
import { verifyAudit } from "../../src/cli/audit-chain.ts";
import type { AuditAnswer } from "../../src/client/index.ts";
import { createAuditStore } from "../../src/database/audit.ts";
import { createCampaignStore } from "../../src/database/campaigns/store.ts";
import { createExposures } from "../../src/database/exposures.ts";
import { createNodeStore } from "../../src/database/nodes.ts";
import { createReadCounts } from "../../src/database/read-counts.ts";
import { createRecordStore } from "../../src/database/records/record-store.ts";
import { createRetention, type KeepRules } from "../../src/database/retention/retention.ts";
import type { Sql } from "../../src/database/sql.ts";
import { createTranscripts } from "../../src/database/transcripts.ts";
import { createWebhookStore } from "../../src/database/webhooks.ts";
import type { DeployEvent, RecordView } from "../../src/deploy/index.ts";
import { createNodes } from "../../src/nodes/index.ts";
import { newCampaign } from "../campaigns/fixture.ts";
import { newRecord } from "./fixture.ts";

const DAY_MS = 24 * 3600 * 1000;
const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const FOREVER: KeepRules = {
  deploymentsMs: null,
  operationsMs: null,
  eventsMs: null,
  logsMs: null,
  logsBytes: 2 ** 40,
  auditMs: null,
};
const NOTHING = { deployments: 0, campaigns: 0, operations: 0, events: 0, logs: 0, audit: 0 };
const daysAgo = (days: number) => NOW - days * DAY_MS;

/** What is removed by age and size, and what never is. `open` gives an empty database. */
export function retentionContract(open: () => Promise<Sql>): void {
  let sql: Sql;
  beforeEach(async () => {
    sql = await open();
  });
  afterEach(() => sql.close());

  const prune = (rules: Partial<KeepRules>) => createRetention(sql).prune({ ...FOREVER, ...rules }, NOW);
  const records = () => createRecordStore(sql);
  const isThere = async (id: string) => (await records().get(id)) !== undefined;

  /** One of a node, which ended after a while; or has not, without `ended`. */
  async function keep(
    days: number,
    { nodeId = `node_${ulid()}`, ended = true, facts = {} } = {},
  ): Promise<string> {
    const madeAt = daysAgo(days);
    const at = new Date(madeAt).toISOString();
    const id = `dep_${ulid(madeAt)}`;
    const record = newRecord({ id, nodeId, createdAt: at, labels: { wave: "1" } });
    assert.ok((await records().accept({ ...record, node: "none" })).accepted);
    if (!ended) return id;
    const claim = (await records().claim({ id, hint: 1 }, 60_000))!;
    const events = [
      { type: "started", v: 1, seq: 2, at },
      { type: "succeeded", clean: true, result: null, v: 1, seq: 3, at },
    ] satisfies DeployEvent[];
    const view: RecordView = { ...claim.view, version: 3, state: "succeeded", endedAt: at, facts };
    assert.ok((await records().commit(claim, { events, view, next: { kind: "end" } })).kept);
    return id;
  }

  async function addNode(): Promise<string> {
    const secrets = { seal: (plain: string) => plain, open: (sealed: string) => sealed };
    const nodes = createNodes({ store: createNodeStore(sql), secrets, clock: Date.now });
    const bmc = { address: `https://${ulid().toLowerCase()}.example`, username: "root" };
    return (await nodes.add({ name: `n-${ulid()}`, bmc }, "p")).id;
  }

  async function rowsOf(...tables: string[]): Promise<number> {
    let sum = 0;
    for (const table of tables) {
      const { rows } = await raw<{
        n: number | string;
      }>`select count(*) as n from ${raw.table(table)}`.execute(sql.read);
      sum += Number(rows[0]!.n);
    }
    return sum;
  }

  it("keeps everything while nothing else was said", async () => {
    await keep(4_000);
    assert.deepEqual(await prune({}), NOTHING);
  });

  it("removes deployments that are old enough, with all that belongs to them", async () => {
    const disc = `disc_${ulid()}`;
    const old = await keep(31, { facts: { discId: disc } });
    const young = await keep(29);
    await createTranscripts(sql).add(old, []);
    await createReadCounts(sql).save(disc, "p", { size: 1 } as never);
    assert.deepEqual(await prune({ deploymentsMs: 30 * DAY_MS }), { ...NOTHING, deployments: 1 });
    assert.deepEqual([await isThere(old), await isThere(young)], [false, true]);
    assert.equal(await rowsOf("events", "labels", "transcripts", "read_counts"), 3 + 1);
  });

  it("counts from the end, and never removes what has not ended", async () => {
    const running = await keep(400, { ended: false });
    assert.deepEqual(await prune({ deploymentsMs: DAY_MS, eventsMs: DAY_MS }), NOTHING);
    assert.equal((await records().events(running, 0, 10)).length, 1);
  });

  it("keeps the newest deployment of a node, which tells the node's state", async () => {
    const nodeId = await addNode();
    const first = await keep(300, { nodeId });
    const second = await keep(200, { nodeId });
    assert.deepEqual(await prune({ deploymentsMs: 30 * DAY_MS }), { ...NOTHING, deployments: 1 });
    assert.deepEqual([await isThere(first), await isThere(second)], [false, true]);
  });

  it("keeps what a debt, an open record, a served disc or a webhook still needs", async () => {
    const nodeId = await addNode();
    const owed = await keep(300, { nodeId });
    const media = { deploymentId: owed, slot: "/s", eject: "at-end", until: null, owed: "an eject" };
    await createNodeStore(sql).observe(nodeId, { media });
    const [spokenOf, served] = [await keep(300, { nodeId }), await keep(300, { nodeId })];
    await keep(1, { nodeId, ended: false, facts: {} });
    await sql.write(({ db }) =>
      raw`update records set view = ${JSON.stringify({ about: spokenOf })} where phase <> 'done'`.execute(db),
    );
    await createExposures(sql).publish({ kind: "callback", secretHash: "h", recordId: served });
    assert.deepEqual(await prune({ deploymentsMs: DAY_MS, eventsMs: DAY_MS }), NOTHING);
    const untold = await keep(300);
    const made = { createdAtMs: 1, createdBy: "admin", position: 0, campaignPosition: 0 };
    await createWebhookStore(sql).insert({
      id: "wh_1",
      url: "https://h",
      events: ["*"],
      sealedSecret: "",
      ...made,
    });
    assert.deepEqual(await prune({ deploymentsMs: DAY_MS }), NOTHING);
    await createWebhookStore(sql).remove("wh_1");
    assert.deepEqual(await prune({ deploymentsMs: DAY_MS }), { ...NOTHING, deployments: 1 });
    assert.equal(await isThere(untold), false);
  });

  it("removes campaigns that have ended, and no deployment of one that has not", async () => {
    const store = createCampaignStore(sql);
    const endedAt = new Date(daysAgo(100)).toISOString();
    await store.insert(newCampaign({ r1: 2 }, { id: "camp_1", state: "succeeded", endedAt }));
    await store.insert(newCampaign({ r1: 1 }, { id: "camp_2" }));
    const [ofEnded, ofOpen] = [await keep(100), await keep(100)];
    const give = (campaign: string, deployment: string) =>
      sql.write(({ db }) =>
        raw`update campaign_nodes set deployment_id = ${deployment} where campaign_id = ${campaign} and place = 0`.execute(
          db,
        ),
      );
    await give("camp_1", ofEnded);
    await give("camp_2", ofOpen);
    const pruned = await prune({ deploymentsMs: 30 * DAY_MS });
    assert.deepEqual([pruned.deployments, pruned.campaigns], [1, 1]);
    assert.deepEqual([await isThere(ofEnded), await isThere(ofOpen)], [false, true]);
    assert.equal(await store.get("camp_1"), undefined);
    assert.equal(await rowsOf("campaign_nodes", "campaign_lanes"), 2);
  });

  it("removes events sooner than their deployment, which still shows what they led to", async () => {
    const old = await keep(31);
    const young = await keep(29);
    assert.deepEqual(await prune({ eventsMs: 30 * DAY_MS }), { ...NOTHING, events: 1 });
    assert.deepEqual(await prune({ eventsMs: 30 * DAY_MS }), NOTHING);
    assert.deepEqual(await records().events(old, 0, 10), []);
    assert.equal((await records().get(old))?.state, "succeeded");
    assert.equal((await records().events(young, 0, 10)).length, 3);
  });

  it("does a bounded part in one run, and goes on in the next", async () => {
    const old = await Promise.all(Array.from({ length: 620 }, (_, index) => keep(100 + index / 1_000)));
    const retention = createRetention(sql);
    const rules = { ...FOREVER, deploymentsMs: DAY_MS };
    assert.equal((await retention.prune(rules, NOW)).deployments, 500);
    assert.equal((await retention.prune(rules, NOW)).deployments, old.length - 500);
    assert.equal(await rowsOf("records", "events"), 0);
  });

  it("removes what was said to BMCs by age and by size, and nothing of what runs", async () => {
    const [ended, running] = [await keep(2), await keep(2, { ended: false })];
    for (const id of [ended, running])
      for (let n = 0; n < 3; n += 1) await createTranscripts(sql).add(id, []);
    assert.deepEqual(await prune({ logsMs: 30 * DAY_MS }), NOTHING);
    await sql.write(({ db }) => raw`update transcripts set at = ${daysAgo(1)} + seq`.execute(db));
    const { rows } = await raw<{
      n: number;
    }>`select sum(octet_length(content)) as n from transcripts`.execute(sql.read);
    assert.equal((await prune({ logsBytes: Number(rows[0]!.n) })).logs, 0);
    assert.equal((await prune({ logsBytes: 1 })).logs, 3);
    assert.equal((await prune({ logsMs: 1 })).logs, 0);
    assert.equal(await rowsOf("transcripts"), 3);
  });

  describe("of the audit", () => {
    async function* entries(): AsyncGenerator<AuditAnswer> {
      yield* (await createAuditStore(sql).list({ isOldestFirst: true, limit: 1_000 })) as AuditAnswer[];
    }

    async function write(days: readonly number[]): Promise<void> {
      const who = { tokenId: "t", name: "t", role: "admin" };
      const rest = {
        who,
        from: "::1",
        action: "GET /x",
        target: "/x",
        status: 200,
        code: null,
        requestId: "",
      };
      const facts = { ...rest, outcome: "done", before: null, after: null } as const;
      const audit = createAuditStore(sql);
      for (const day of days) await audit.append({ ...facts, at: new Date(daysAgo(day)).toISOString() });
    }

    it("cuts the beginning, says so in the chain, and leaves what can be verified", async () => {
      await write([50, 40, 32, 29, 1]);
      const before = await verifyAudit(entries(), undefined);
      assert.equal((await prune({ auditMs: 30 * DAY_MS })).audit, 3);
      const verified = await verifyAudit(entries(), before.head!);
      assert.deepEqual([verified.entries, verified.cut?.seq], [3, 3]);
      assert.equal((await prune({ auditMs: 30 * DAY_MS })).audit, 0);
    });

    it("lets nothing else of it go, nor the mark that tells of the cut", async () => {
      await write([50, 1, 0]);
      await prune({ auditMs: 30 * DAY_MS });
      for (const statement of [
        "delete from audit where seq = 2",
        "update audit set who = 'x'",
        "delete from audit_cuts",
      ])
        await assert.rejects(
          sql.write(({ db }) => raw.raw(statement).execute(db)),
          /only added to/,
          statement,
        );
    });

    it("is found broken where entries are missing at its beginning that no cut tells of", async () => {
      await write([50, 40, 1]);
      async function* rest() {
        for await (const entry of entries()) if (entry.seq > 2) yield entry;
      }
      await assert.rejects(verifyAudit(rest(), undefined), /entry 2 is missing, and no entry tells/);
    });
  });
}
