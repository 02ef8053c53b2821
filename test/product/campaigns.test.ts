import assert from "node:assert/strict";
import type { SimulatedBmc } from "../bmc-simulator/index.ts";
import { until as eventually } from "../until.ts";
import { nodeOf, type Product, type Reply, startProduct } from "./fixture.ts";

/** Six machines in two racks of one site. */
const COUNT = 6;

describe("a campaign over the whole product", () => {
  let product: Product;
  beforeEach(async () => {
    product = await startProduct({ count: COUNT });
    for (const [index, bmc] of product.lab.bmcs.entries()) {
      const place = { site: "ams1", rack: index % 2 === 0 ? "r1" : "r2", labels: { role: "worker" } };
      const { status } = await product.call("POST", "/v1/nodes", { ...nodeOf(bmc, product.lab), ...place });
      assert.equal(status, 201);
    }
  });
  afterEach(() => product.stop());

  const create = (changes: Record<string, unknown> = {}) =>
    product.call("POST", "/v1/campaigns", {
      name: "noble",
      selector: { labels: { role: "worker" } },
      deployment: { boot: { iso: { url: product.iso.url } } },
      ...changes,
    });
  const ended = async (id: string) => {
    const { body } = await product.call("GET", `/v1/campaigns/${id}?until=final&waitMs=60000`);
    return body;
  };

  /** Waits until the campaign is as wanted. */
  const until = async (id: string, isSo: (campaign: Reply["body"]) => boolean) => {
    for (let after = 0; ; ) {
      const { body } = await product.call("GET", `/v1/campaigns/${id}?waitMs=20000&after=${after}`);
      if (isSo(body)) return body;
      assert.ok(!body.final, `it has ended: ${JSON.stringify(body.counts)}`);
      after = body.version;
    }
  };

  it("deploys every node once, under its limits, the canary first", async () => {
    const { status, body, headers } = await create({
      expectNodes: COUNT,
      limits: { concurrent: 3, perRack: 1, canary: 1 },
    });
    assert.equal(status, 202, JSON.stringify(body));
    assert.equal(headers.get("location"), `/v1/campaigns/${body.id}`);
    assert.deepEqual(body.limits, {
      concurrent: 3,
      perRack: 1,
      perSite: null,
      serverBytesPerSecond: null,
      canary: 1,
      maxFailures: 3,
    });
    const end = await ended(body.id);
    assert.deepEqual([end.state, end.counts.succeeded, end.percent], ["succeeded", COUNT, 100]);
    const { body: nodes } = await product.call("GET", `/v1/campaigns/${body.id}/nodes`);
    const { body: list } = await product.call("GET", `/v1/deployments?campaign=${body.id}`);
    assert.equal(list.items.length, COUNT, "each has one deployment");
    const spans = (nodes.items as { deployment: string; rack: string; canary: boolean }[]).map((node) => {
      const made = list.items.find(({ id }: { id: string }) => id === node.deployment);
      return { ...node, from: Date.parse(made.createdAt), to: Date.parse(made.endedAt) };
    });
    for (const one of spans)
      for (const other of spans)
        if (one !== other && one.rack === other.rack)
          assert.ok(one.to <= other.from || other.to <= one.from, "one in a rack at once");
    const canary = spans.find((one) => one.canary)!;
    assert.ok(spans.every((one) => one === canary || one.from >= canary.to));
    const { body: events } = await product.call("GET", `/v1/campaigns/${body.id}/events`);
    assert.deepEqual(
      events.items.map(({ type }: { type: string }) => type),
      ["created", "canary-passed", "succeeded"],
    );
  });

  it("judges every node before anything is touched, and says of each what is wrong with it", async () => {
    const [first, second] = product.lab.bmcs as readonly [SimulatedBmc, SimulatedBmc];
    await product.call("PATCH", `/v1/nodes/${first.name}`, { protected: true });
    await product.call("PATCH", `/v1/nodes/${second.name}`, { maintenance: true });
    const refused = await create();
    assert.deepEqual([refused.status, refused.body.code], [422, "campaign-unfit"]);
    assert.match(
      JSON.stringify(refused.body.errors),
      new RegExp(`${first.name}: node ${first.name} is protected`),
    );
    const { status, body: preview } = await product.call("POST", "/v1/campaigns?dryRun=true", {
      name: "noble",
      selector: { site: "ams1" },
      deployment: { boot: { iso: { url: product.iso.url } } },
    });
    assert.deepEqual([status, preview.fitting, preview.unfit], [200, COUNT - 2, 2]);
    const codes = preview.nodes.flatMap(({ error }: { error: { code: string } | null }) => error?.code ?? []);
    assert.deepEqual(codes, ["node-protected", "node-in-maintenance"]);
    const short = await create({ expectNodes: COUNT + 1 });
    assert.deepEqual(
      [short.body.code, short.body.errors[0].path],
      ["campaign-size-unexpected", "expectNodes"],
    );
    const unknown = await create({ selector: undefined, nodes: [first.name, "nobody", first.name] });
    assert.deepEqual(
      unknown.body.errors.map(({ path }: { path: string }) => path),
      ["nodes[1]", "nodes[2]"],
    );
    const wrong = await create({
      unfit: "skip",
      deployment: { boot: { iso: { url: product.iso.url } }, finish: "disc-read", eject: "at-end" },
    });
    assert.deepEqual([wrong.body.code, wrong.body.errors[0].path], ["eject-too-early", "deployment.eject"]);
    const { body: none } = await product.call("GET", "/v1/deployments");
    assert.deepEqual(none.items, []);
    const skipping = await create({ unfit: "skip" });
    const end = await ended(skipping.body.id);
    assert.deepEqual([end.state, end.counts.succeeded, end.counts.skipped], ["succeeded", COUNT - 2, 2]);
  });

  it("stops at its failures until somebody has looked, and goes on then", async () => {
    const { body } = await create({
      limits: { concurrent: 1, maxFailures: 2 },
      deployment: { boot: { iso: { url: product.iso.url, checksum: `sha256:${"0".repeat(64)}` } } },
    });
    const paused = await until(body.id, ({ state }) => state === "paused");
    assert.deepEqual([paused.paused.reason, paused.paused.by], ["max-failures", null]);
    assert.deepEqual([paused.counts.failed, paused.counts.waiting], [2, COUNT - 2]);
    const { body: failed } = await product.call("GET", `/v1/campaigns/${body.id}/nodes?state=failed`);
    for (const { error } of failed.items as Reply["body"][]) {
      assert.equal(error.code, "image-checksum-mismatch");
      assert.match(error.message, /was asked for/);
    }
    const [waits] = paused.waitingOn;
    assert.deepEqual([waits.limit, waits.nodes], ["paused", COUNT - 2]);
    await product.call("POST", `/v1/campaigns/${body.id}/resume`, {});
    const again = await until(body.id, ({ state, counts }) => state === "paused" && counts.failed === 4);
    assert.equal(again.counts.waiting, COUNT - 4);
    const { body: cancelled } = await product.call("POST", `/v1/campaigns/${body.id}/cancel`, {});
    assert.equal(cancelled.counts.cancelled, COUNT - 4);
    assert.equal((await ended(body.id)).state, "cancelled");
    const late = await product.call("POST", `/v1/campaigns/${body.id}/resume`, {});
    assert.deepEqual([late.status, late.body.code], [409, "campaign-finished"]);
  });

  it("waits for a machine that another has, without a place among those that run, over a restart", async () => {
    const busy = product.bmc;
    const { body: other } = await product.submit({ finish: "callback", callbackSecret: "s".repeat(40) });
    const { body } = await create({ limits: { concurrent: 1 } });
    await until(body.id, ({ counts }) => counts.succeeded === COUNT - 1);
    // It is taken for a moment whenever it is tried again.
    await eventually(async () => {
      const { waitingOn } = (await product.call("GET", `/v1/campaigns/${body.id}`)).body;
      return waitingOn.length === 1 && waitingOn[0].limit === "node" && waitingOn[0].nodes === 1;
    });
    const { node, error } = await eventually(async () => {
      const { body: nodes } = await product.call("GET", `/v1/campaigns/${body.id}/nodes?state=waiting`);
      return nodes.items[0] as Reply["body"];
    });
    assert.deepEqual([node.name, error.holder], [busy.name, other.id]);
    await product.restart();
    await product.call("POST", `/v1/deployments/${other.id}/cancel`, {});
    const end = await ended(body.id);
    assert.deepEqual([end.state, end.counts.succeeded], ["succeeded", COUNT]);
    const { body: made } = await product.call("GET", `/v1/deployments?campaign=${body.id}`);
    assert.equal(made.items.length, COUNT);
  });

  it("counts what people began themselves in a rack that it is limited in", async () => {
    const { body: single } = await product.submit({ finish: "callback", callbackSecret: "s".repeat(40) });
    const { body } = await create({ limits: { perRack: 1 } });
    const held = await until(body.id, ({ counts }) => counts.succeeded === COUNT / 2);
    assert.deepEqual([held.counts.waiting, held.counts.running], [COUNT / 2, 0]);
    assert.deepEqual(
      held.waitingOn.map(({ limit, what }: { limit: string; what: string }) => [limit, what]),
      [["perRack", "room in rack r1: 1 at once"]],
    );
    await product.call("POST", `/v1/deployments/${single.id}/cancel`, {});
    const end = await ended(body.id);
    assert.deepEqual([end.state, end.counts.succeeded], ["succeeded", COUNT]);
  });

  it("deploys again what failed, but what was deployed since, once and as it was asked", async () => {
    const [first, second, third] = product.lab.bmcs as readonly [SimulatedBmc, SimulatedBmc, SimulatedBmc];
    for (const bmc of [first, second, third])
      await product.call("PATCH", `/v1/nodes/${bmc.name}`, { bmc: { password: "wrong" } });
    const { body } = await create({ limits: { concurrent: 6, perRack: 3 }, weight: 7 });
    const early = await product.call("POST", `/v1/campaigns/${body.id}/retry`, {});
    assert.deepEqual([early.status, early.body.code], [409, "campaign-not-retryable"]);
    const end = await ended(body.id);
    assert.deepEqual([end.state, end.counts.failed], ["failed", 3]);
    for (const { name, password } of [first, second, third])
      await product.call("PATCH", `/v1/nodes/${name}`, { bmc: { password } });
    assert.equal((await product.deploy({ node: first.name })).state, "succeeded");
    await product.call("PATCH", `/v1/nodes/${second.name}`, { protected: true });

    const { status, body: retry, headers } = await product.call("POST", `/v1/campaigns/${body.id}/retry`, {});
    assert.equal(status, 202, JSON.stringify(retry));
    assert.equal(headers.get("location"), `/v1/campaigns/${retry.id}`);
    assert.deepEqual([retry.retryOf, retry.name, retry.weight], [body.id, body.name, 7]);
    assert.deepEqual([retry.limits, retry.request], [body.limits, body.request]);
    const done = await ended(retry.id);
    assert.deepEqual([done.state, done.counts.succeeded, done.counts.skipped], ["succeeded", 1, 1]);
    const { body: nodes } = await product.call("GET", `/v1/campaigns/${retry.id}/nodes?state=succeeded`);
    assert.equal(nodes.items[0].node.name, third.name);

    const { body: before } = await product.call("GET", `/v1/campaigns/${body.id}`);
    assert.equal(before.retriedAs, retry.id);
    const twice = await product.call("POST", `/v1/campaigns/${body.id}/retry`, {});
    assert.deepEqual([twice.status, twice.body.code], [409, "campaign-not-retryable"]);
    const whole = await product.call("POST", `/v1/campaigns/${retry.id}/retry`, {});
    assert.match(whole.body.detail, /no failed node/);
  });

  it("cancels what it has begun, or lets it end", async () => {
    const deployment = { boot: { iso: { url: product.iso.url } }, finish: "os-running" };
    const { body } = await create({ deployment, limits: { concurrent: 2 } });
    await until(body.id, ({ counts }) => counts.running === 2);
    const asked = await product.call("POST", `/v1/campaigns/${body.id}/cancel`, { running: "finish" });
    assert.deepEqual([asked.body.state, asked.body.counts.cancelled], ["cancelling", COUNT - 2]);
    await product.call("POST", `/v1/campaigns/${body.id}/cancel`, {});
    const end = await ended(body.id);
    const { succeeded, cancelled, running, waiting } = end.counts;
    assert.deepEqual([end.state, succeeded + cancelled, running + waiting], ["cancelled", COUNT, 0]);
  });

  it("is seen by those whose nodes it was made for, and made for no other nodes", async () => {
    const own = product.bmc;
    await product.call("PATCH", `/v1/nodes/${own.name}`, { labels: { role: "worker", team: "red" } });
    const token = async (name: string, scope: object) =>
      (await product.call("POST", "/v1/tokens", { name, role: "operator", scope })).body.token as string;
    const red = { authorization: `Bearer ${await token("red", { team: "red" })}` };
    const blue = { authorization: `Bearer ${await token("blue", { team: "blue" })}` };
    const deployment = { boot: { iso: { url: product.iso.url } } };
    const asked = { name: "red", selector: { labels: { role: "worker" } }, deployment };
    const { body } = await product.call("POST", "/v1/campaigns", asked, red);
    assert.equal(body.counts.total, 1);
    const { body: foreign } = await create({ limits: { canary: 1 } });
    const see = async (id: string, who: Record<string, string>) =>
      (await product.call("GET", `/v1/campaigns/${id}`, undefined, who)).status;
    assert.deepEqual(
      [await see(body.id, red), await see(body.id, blue), await see(foreign.id, red)],
      [200, 404, 404],
    );
    for (const path of ["nodes", "events"])
      assert.equal(
        (await product.call("GET", `/v1/campaigns/${body.id}/${path}`, undefined, blue)).status,
        404,
      );
    for (const verb of ["pause", "resume", "cancel", "retry"])
      assert.equal((await product.call("POST", `/v1/campaigns/${body.id}/${verb}`, {}, blue)).status, 404);
    const { body: list } = await product.call("GET", "/v1/campaigns", undefined, red);
    assert.deepEqual(
      list.items.map(({ id }: { id: string }) => id),
      [body.id],
    );
    await Promise.all([body.id, foreign.id].map(ended));
  });

  it("is made once for one idempotency key", async () => {
    const key = { "idempotency-key": "monday" };
    const asked = {
      name: "once",
      nodes: [product.bmc.name],
      deployment: { boot: { iso: { url: product.iso.url } } },
    };
    const first = await product.call("POST", "/v1/campaigns", asked, key);
    const again = await product.call("POST", "/v1/campaigns", asked, key);
    assert.equal(again.headers.get("idempotency-replayed"), "true");
    assert.equal(again.body.id, first.body.id);
    assert.equal((await ended(first.body.id)).state, "succeeded");
  });
});
