import assert from "node:assert/strict";
import { keyOf, type Likeness } from "../../src/deploy/index.ts";
import { shownDeployment } from "../../src/api/schemas/deployment.ts";
import type { DiscReads } from "../../src/images/index.ts";
import { DEPLOYMENT, failRecord, finish, NODE, startApi, startDeployed, stopAll } from "./fixture.ts";
import { until } from "../until.ts";

const READS: DiscReads = {
  firstReadAt: "2026-11-21T10:00:00.000Z",
  lastReadAt: "2026-11-21T10:00:05.000Z",
  totalBytes: 9_000_000,
  blocksCovered: 43,
  blocks: 100,
  catalogueReadAt: null,
  bootImageReadAt: null,
  beyondReadAt: null,
  bootReads: [],
  bytesPerSecond: 1_000_000,
  readers: ["10.0.7.21"],
};

describe("deployments over the API", () => {
  afterEach(stopAll);

  it("are accepted with the defaults that were chosen", async () => {
    const { call } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    const accepted = await call("POST", "/v1/deployments", { ...DEPLOYMENT, labels: { wave: "1" } });
    assert.equal(accepted.status, 202);
    assert.equal(accepted.headers.get("location"), `/v1/deployments/${accepted.body.id}`);
    assert.deepEqual(shownDeployment.parse(accepted.body), accepted.body);
    const { node, finish: ends, eject } = accepted.body.request;
    assert.deepEqual([node, ends, eject], ["rack1-u07", "disc-read", "on-reboot"]);
  });

  it("never show a secret", async () => {
    const { call, logged, idempotency } = await startApi();
    await call("POST", "/v1/nodes", NODE, { "idempotency-key": "a" });
    const callbackSecret = "canary-canary-canary-canary-canary";
    const auth = { username: "u", password: "canary-image" };
    const iso = { ...DEPLOYMENT.boot.iso, auth };
    const accepted = await call("POST", "/v1/deployments", { ...DEPLOYMENT, boot: { iso }, callbackSecret });
    const { id } = accepted.body;
    const answers = [
      accepted,
      await call("GET", `/v1/deployments/${id}`),
      await call("GET", `/v1/deployments/${id}/events`),
    ];
    const written = JSON.stringify([answers.map(({ body }) => body), logged, idempotency.hashes]);
    assert.doesNotMatch(written, /canary|tl_0123/);
  });

  it("show progress from what was read of the disc, and neither facts nor intents", async () => {
    const { call, records, reads, id } = await startDeployed();
    records.add(id, { type: "started" });
    records.add(id, { type: "step-started", step: "publish-disc", attempt: 1 });
    const facts = { disc: { id: "disc_1", sizeBytes: 100 * 65_536 }, secretFact: "canary" };
    records.add(id, { type: "step-done", step: "publish-disc", facts, detail: null });
    reads.set("disc_1", READS);
    const { body, headers } = await call("GET", `/v1/deployments/${id}`);
    assert.deepEqual(shownDeployment.parse(body), body);
    const { percent, discBytesRead, discSizeBytes, discShare, bytesPerSecond, etaAt } = body.progress;
    assert.deepEqual(
      [percent, discBytesRead, discSizeBytes, discShare, bytesPerSecond],
      [43, 43 * 65_536, 6_553_600, 0.43, 1e6],
    );
    assert.ok(Date.parse(etaAt) > Date.now());
    assert.equal(headers.get("retry-after"), "2");
    assert.equal(headers.get("cache-control"), "private, no-cache");
    const events = await call("GET", `/v1/deployments/${id}/events`);
    assert.doesNotMatch(JSON.stringify([body, events.body]), /canary|"facts"|"intents"/);
  });

  it("are estimated by what those like them took, where that tells more than what was read", async () => {
    const usual = [
      { step: "publish-disc", meanMs: 1_000, count: 4 },
      { step: "wait-for-finish", meanMs: 3_600_000, count: 4 },
    ];
    const find = async (all: readonly Likeness[]) => new Map(all.map((one) => [keyOf(one), usual]));
    const { call, records, reads, id } = await startDeployed({ stepTimes: { find } });
    records.add(id, { type: "started" });
    records.add(id, { type: "step-started", step: "publish-disc", attempt: 1 });
    const read = async () => (await call("GET", `/v1/deployments/${id}`)).body.progress;
    const before = await read();
    assert.deepEqual([before.etaFrom, before.discSizeBytes], ["history", 0]);
    assert.ok(Math.abs(Date.parse(before.etaAt) - Date.now() - 3_600_000) < 60_000, before.etaAt);
    const facts = { disc: { id: "disc_1", sizeBytes: 100 * 65_536 } };
    records.add(id, { type: "step-done", step: "publish-disc", facts, detail: null });
    records.add(id, { type: "step-started", step: "wait-for-finish", attempt: 1 });
    reads.set("disc_1", { ...READS, bytesPerSecond: 1 });
    assert.equal((await read()).etaFrom, "history", "nobody has read since long");
    reads.set("disc_1", { ...READS, bytesPerSecond: 1, lastReadAt: new Date().toISOString() });
    const slow = await read();
    assert.deepEqual([slow.etaFrom, slow.percent], ["bytes", 43], "the bytes left take weeks at this rate");
    records.add(id, { type: "succeeded", clean: true, result: null });
    assert.equal((await read()).percent, 100);
  });

  it("say that a BMC is waited for that has yet to answer, as some do when they have read the whole disc", async () => {
    const { call, records, id } = await startDeployed();
    const waitingOn = async () => (await call("GET", `/v1/deployments/${id}`)).body.waitingOn;
    const step = "insert-media";
    const action = { kind: "insert-media", target: "/redfish/v1/Cd", limitMs: 90_000 } as const;
    records.add(id, { type: "started" });
    records.add(id, { type: "step-started", step, attempt: 1 });
    assert.equal(await waitingOn(), null);
    records.add(id, { type: "action-intended", step, action });
    const { what, since, until: limit, ...rest } = await waitingOn();
    assert.equal(what, "the BMC's answer to insert-media");
    assert.equal(Date.parse(limit) - Date.parse(since), 90_000);
    assert.deepEqual(rest, { cause: null, next: null });
    records.add(id, { type: "action-answered", step, action, outcome: "answered" });
    assert.equal(await waitingOn(), null);
  });

  it("answer 304 until an event or a read comes", async () => {
    const { call, records, id } = await startDeployed();
    const path = `/v1/deployments/${id}`;
    const etag = (await call("GET", path)).headers.get("etag")!;
    const again = await call("GET", path, undefined, { "if-none-match": etag });
    assert.deepEqual([again.status, again.body], [304, ""]);
    records.add(id, { type: "started" });
    assert.equal((await call("GET", path, undefined, { "if-none-match": etag })).status, 200);
    const list = (await call("GET", "/v1/deployments")).headers.get("etag")!;
    assert.equal((await call("GET", "/v1/deployments", undefined, { "if-none-match": list })).status, 304);
  });

  it("are listed newest first, filtered, in pages, in the fields asked for", async () => {
    const { call, records } = await startApi();
    const ids: string[] = [];
    for (const name of ["n1", "n2", "n3"]) {
      await call("POST", "/v1/nodes", { ...NODE, name });
      const body = { ...DEPLOYMENT, node: name, labels: { wave: name === "n3" ? "2" : "1" } };
      ids.unshift((await call("POST", "/v1/deployments", body)).body.id as string);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    finish(records, ids[0]!);
    const found = async (query: string) =>
      (await call("GET", `/v1/deployments?${query}`)).body.items.map(
        ({ id }: { id: string }) => id,
      ) as string[];
    assert.deepEqual(await found(""), ids);
    assert.deepEqual(await found("state=succeeded"), [ids[0]]);
    assert.deepEqual(await found("state=succeeded,queued"), ids);
    assert.deepEqual(await found("node=n2"), [ids[1]]);
    assert.deepEqual(await found("label=wave:1"), ids.slice(1));
    assert.deepEqual(await found("node=nobody"), []);
    const first = await call("GET", "/v1/deployments?limit=2&fields=state");
    assert.deepEqual(first.body.items[0], { id: ids[0], state: "succeeded" });
    assert.deepEqual(await found(`limit=2&cursor=${first.body.nextCursor}`), [ids[2]]);
    const odd = await call("GET", "/v1/deployments?cursor=bm8&limit=2");
    assert.deepEqual([odd.status, odd.body.code], [400, "invalid-query"]);
  });

  it("are held until an event comes, and with until=final until the end", async () => {
    const { call, records, id } = await startDeployed();
    const next = call("GET", `/v1/deployments/${id}?waitMs=5000`);
    const end = call("GET", `/v1/deployments/${id}?waitMs=5000&until=final`);
    await until(() => (records.calls.get ?? 0) >= 4);
    records.add(id, { type: "started" });
    assert.equal((await next).body.state, "running");
    records.add(id, { type: "succeeded", clean: true, result: null });
    assert.equal((await end).body.state, "succeeded");
  });

  it("answer at once when something has happened since the version given, and when time is over", async () => {
    const { call, id } = await startDeployed();
    assert.equal((await call("GET", `/v1/deployments/${id}?waitMs=5000&after=0`)).body.version, 1);
    assert.equal((await call("GET", `/v1/deployments/${id}?waitMs=30&after=1`)).body.version, 1);
  });

  it("wake those who wait even when the ring is lost", async () => {
    const { call, records, id } = await startDeployed();
    records.rings = false;
    const held = call("GET", `/v1/deployments/${id}?waitMs=5000&after=1`);
    records.add(id, { type: "started" });
    assert.equal((await held).body.version, 2);
  });

  it("share one read among all who wait for the same event", async () => {
    const { call, records, id } = await startDeployed();
    const before = records.calls.get ?? 0;
    const held = Array.from({ length: 50 }, () => call("GET", `/v1/deployments/${id}?waitMs=5000&after=1`));
    await until(() => (records.calls.get ?? 0) >= before + 51);
    let waiting = 0;
    let looksAlike = 0;
    // Each has read once and looks again when it has begun to listen: until nobody does any more.
    await until(() => {
      const now = records.calls.get ?? 0;
      looksAlike = now === waiting ? looksAlike + 1 : 0;
      waiting = now;
      return looksAlike === 10;
    });
    records.add(id, { type: "started" });
    for (const answer of await Promise.all(held)) assert.equal(answer.body.version, 2);
    assert.ok(records.calls.get! - waiting <= 3, `${records.calls.get! - waiting} reads`);
  });

  it("are cancelled, again harmlessly, but not after the end", async () => {
    const { call, records, id } = await startDeployed();
    for (let time = 0; time < 2; time += 1) {
      const asked = await call("POST", `/v1/deployments/${id}/cancel`);
      assert.equal(asked.status, 202);
      assert.equal(asked.body.cancelRequested.by, "admin");
    }
    records.add(id, { type: "cancelled", clean: true });
    const late = await call("POST", `/v1/deployments/${id}/cancel`);
    assert.deepEqual([late.status, late.body.code, late.body.deploymentId], [409, "deployment-finished", id]);
  });

  it("are retried as new deployments that are linked both ways", async () => {
    const { call, records, id } = await startDeployed();
    const early = await call("POST", `/v1/deployments/${id}/retry`);
    assert.deepEqual([early.status, early.body.code], [409, "deployment-not-finished"]);
    failRecord(records, id);
    const failed = await call("GET", `/v1/deployments/${id}`);
    assert.deepEqual([failed.body.error.code, failed.body.retriedAs], ["image-not-found", null]);
    const again = await call("POST", `/v1/deployments/${id}/retry`);
    assert.equal(again.status, 202);
    assert.equal(again.headers.get("location"), `/v1/deployments/${again.body.id}`);
    assert.equal(again.body.retryOf, id);
    assert.equal((await call("GET", `/v1/deployments/${id}`)).body.retriedAs, again.body.id);
  });

  it("are refused with the code of whatever is wrong", async () => {
    const { call, id } = await startDeployed();
    const refused = async (body: unknown) => {
      const answer = await call("POST", "/v1/deployments", body);
      return `${answer.status} ${answer.body.code} ${(answer.body.errors ?? []).map(({ path }: { path: string }) => path)}`;
    };
    assert.equal(await refused(DEPLOYMENT), "409 node-busy ");
    assert.equal(await refused({ ...DEPLOYMENT, node: "nobody" }), "404 node-not-found node");
    assert.equal(
      await refused({ ...DEPLOYMENT, finish: "disc-read", eject: "at-end" }),
      "422 eject-too-early eject",
    );
    assert.equal((await call("GET", "/v1/deployments/dep_none")).body.code, "deployment-not-found");
    assert.equal((await call("GET", `/v1/operations/${id}`)).body.code, "operation-not-found");
    assert.equal((await call("POST", "/v1/deployments/dep_none/cancel")).body.code, "deployment-not-found");
  });
});
