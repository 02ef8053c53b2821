import assert from "node:assert/strict";
import { type Database, openDatabase } from "../../src/database/index.ts";
import { openPostgres } from "../../src/database/postgres/open.ts";
import { createNodes, createSecretBox, type NodeError } from "../../src/nodes/index.ts";
import { accepted, begun, CANCEL, END, forward, NUDGE, newRecord, park, pass } from "../database/fixture.ts";
import { needPostgres, type PostgresServer, startPostgres } from "./server.ts";
import { empty } from "./tables.ts";

describe("several processes on one PostgreSQL", () => {
  let server: PostgresServer;
  let databases: Database[] = [];
  before(async function () {
    needPostgres(this);
    server = await startPostgres();
  });
  after(() => server?.remove());
  afterEach(async () => {
    await Promise.all(databases.map((database) => database.close()));
    databases = [];
  });

  async function openMany(count: number): Promise<[Database, Database, ...Database[]]> {
    databases = await Promise.all(Array.from({ length: count }, () => openDatabase({ url: server.url })));
    await empty(server.url);
    return databases as [Database, Database, ...Database[]];
  }

  it("bring an empty database up to date together", async () => {
    const [first, second] = await openMany(4);
    const { id } = await accepted(first, newRecord());
    assert.equal((await second.records.get(id))?.id, id);
  });

  it("let one of many have a name, a BMC and an idempotency key", async () => {
    const all = await openMany(4);
    const secrets = createSecretBox([{ id: "k1", bytes: Buffer.alloc(32, 1) }]);
    const add = (database: Database, name: string, index: number) =>
      createNodes({ store: database.nodes, secrets, clock: Date.now }).add(
        { name, bmc: { address: `https://10.0.0.${index}`, username: "root" } },
        "p",
      );
    const codes = (results: PromiseSettledResult<unknown>[]) =>
      results.map((result) => (result.status === "fulfilled" ? "added" : (result.reason as NodeError).code));
    const named = await Promise.allSettled(all.map((database, index) => add(database, "same", index)));
    assert.deepEqual(codes(named).toSorted(), ["added", ...Array(3).fill("node-name-in-use")]);
    const placed = await Promise.allSettled(all.map((database, index) => add(database, `n${index}`, 99)));
    assert.deepEqual(codes(placed).toSorted(), ["added", ...Array(3).fill("bmc-in-use")]);
    const use = { tokenId: "t", route: "POST /v1/nodes", key: "k" };
    const uses = await Promise.all(all.map(({ idempotency }) => idempotency.begin(use, "hash")));
    assert.deepEqual(uses.map(({ state }) => state).toSorted(), [...Array(3).fill("in-progress"), "new"]);
  });

  it("take each due record once", async () => {
    const all = await openMany(4);
    for (let made = 0; made < 60; made += 1) {
      const claim = await begun(all[0]);
      await all[0].records.commit(claim, forward(claim.view, park(0)));
    }
    await pass(2);
    const taken = await Promise.all([...all, ...all].map(({ records }) => records.takeDue(10)));
    for (const hints of taken) assert.ok(hints.length <= 10, `${hints.length} were taken`);
    const ids = taken.flat().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const rest = await all[1].records.takeDue(100);
    assert.equal(ids.length + rest.length, 60);
  });

  it("lose no wake against parks", async () => {
    const [worker, waker] = await openMany(2);
    let claim = await begun(worker);
    let view = claim.view;
    const handled: number[] = [];
    const about = Array.from({ length: 100 }, (_, index) => index);
    const wakes = (async () => {
      for (const one of about) {
        await waker.records.wake(claim.id, { kind: "nudge", about: String(one) });
        await pass(one % 3);
      }
    })();
    const note = (inbox: { kind: string; about?: string }[]) =>
      handled.push(...inbox.map((item) => Number(item.about)));
    while (handled.length < about.length) {
      const step = forward(view, park(60_000), { messages: [] });
      const result = await worker.records.commit(claim, step);
      assert.ok(result.kept);
      view = step.view;
      note(result.inbox as never);
      claim = { ...claim, inboxSeq: result.inboxSeq };
      if (!result.parked) continue;
      let next: typeof claim | undefined;
      while (next === undefined && handled.length < about.length) {
        await pass(1);
        next = await worker.records.claim({ id: claim.id, hint: 0 }, 10_000);
      }
      if (next === undefined) break;
      claim = next;
      note(next.inbox as never);
    }
    await wakes;
    assert.deepEqual(handled, about);
  });

  it("serve the queue for a node in turn while all come, end and cancel at once", async () => {
    const all = await openMany(3);
    const finished: string[] = [];
    let running = 0;
    const work = async (database: Database, id: string, hint: number) => {
      const claim = await database.records.claim({ id, hint }, 10_000);
      if (claim === undefined) return;
      const isCancelled = claim.inbox.some((item) => item.kind === "cancel");
      if (!isCancelled) assert.equal(running++, 0, "two had the node");
      await database.records.renew([claim], 10_000);
      if (!isCancelled) running -= 1;
      const ended = await database.records.commit(claim, forward(claim.view, END));
      assert.ok(ended.kept);
      finished.push(id);
      await Promise.all(ended.hints.map((next) => work(database, next.id, next.hint)));
    };
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const database = all[index % 3]!;
        const record = newRecord({ nodeId: "n", node: "queue" });
        const result = await database.records.accept(record);
        assert.ok(result.accepted);
        await Promise.all(result.hints.map((hint) => work(database, hint.id, hint.hint)));
        const woken = await database.records.wake(record.view.id, index % 4 === 0 ? CANCEL : NUDGE);
        if (typeof woken === "object")
          await Promise.all(woken.hints.map((hint) => work(database, hint.id, hint.hint)));
      }),
    );
    assert.equal(finished.length, 30);
    assert.equal(await all[0].records.holderOf("n"), undefined);
  });

  it("run again what the database gave up so that another could go on", async () => {
    const [here, there] = await Promise.all([openPostgres(server.url), openPostgres(server.url)]);
    let runs = 0;
    const holding = new Set<string>();
    const bothHaveOne = Promise.withResolvers<void>();
    const crosswise = (sql: typeof here, order: [string, string]) =>
      sql.write(async (transaction) => {
        runs += 1;
        await transaction.exclude(order[0]);
        holding.add(order[0]);
        if (holding.size === 2) bothHaveOne.resolve();
        await bothHaveOne.promise;
        await transaction.exclude(order[1]);
      });
    await Promise.all([crosswise(here, ["a", "b"]), crosswise(there, ["b", "a"])]);
    assert.equal(runs, 3);
    await Promise.all([here.close(), there.close()]);
  });
});
