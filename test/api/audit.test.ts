import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { RIGHTS } from "../../src/api/access/roles.ts";
import { shownAudit } from "../../src/api/schemas/audit.ts";
import { DEPLOYMENT, NODE, type Running, startApi, stopAll } from "./fixture.ts";

describe("the audit", () => {
  afterEach(stopAll);

  const latest = ({ audit }: Running) => audit.entries.at(-1)!;

  it("has an entry for every request that could change something, done or refused", async () => {
    const api = await startApi();
    for (const route of Object.keys(RIGHTS).filter((name) => !name.startsWith("GET "))) {
      const [method, pattern] = route.split(" ") as [string, string];
      const before = api.audit.entries.length;
      const path = pattern.replace(/\{\w+\}/, "nobody");
      const { status, body, headers } = await api.call(method, path, method === "DELETE" ? undefined : {});
      assert.equal(api.audit.entries.length, before + 1, route);
      const { action, target, who, from, ...came } = latest(api);
      assert.deepEqual([action, target, who?.name, from], [route, path, "admin", "127.0.0.1"]);
      assert.deepEqual([came.status, came.code], [status, status < 300 ? null : body.code], route);
      assert.equal(came.outcome, status < 300 ? "done" : "refused");
      assert.equal(came.requestId, headers.get("x-request-id"));
    }
  });

  it("tells what was there before and after, and no password", async () => {
    const api = await startApi();
    await api.call("POST", "/v1/nodes", NODE);
    assert.equal((latest(api).after as { name: string }).name, NODE.name);
    const bmc = { password: "canary-other", username: "root2" };
    await api.call("PATCH", `/v1/nodes/${NODE.name}`, { rack: "r2", bmc });
    const { before, after } = latest(api) as { before: { bmc: object }; after: { bmc: object } };
    const reach = { address: NODE.bmc.address, tls: { mode: "verify" }, systemId: null };
    assert.deepEqual(before, { rack: null, bmc: { ...reach, username: "root" } });
    assert.deepEqual(after, { rack: "r2", bmc: { ...reach, username: "root2" }, password: "changed" });
    const { body } = await api.call("POST", "/v1/deployments", DEPLOYMENT);
    assert.equal((latest(api).after as { deployment: string }).deployment, body.id);
    await api.call("POST", `/v1/nodes/${NODE.name}/power`, { action: "off" });
    await api.call("DELETE", `/v1/nodes/${NODE.name}`);
    assert.equal((latest(api).before as { name: string }).name, NODE.name);
    const { body: token } = await api.call("POST", "/v1/tokens", { name: "eyes", role: "viewer" });
    assert.equal((latest(api).after as { role: string }).role, "viewer");
    const all = JSON.stringify(api.audit.entries);
    assert.doesNotMatch(all, new RegExp(`canary|${token.token}`));
  });

  it("tells who was turned away, but is not filled by guesses", async () => {
    const api = await startApi();
    const { body } = await api.call("POST", "/v1/tokens", { name: "eyes", role: "viewer" });
    await api.call("GET", "/v1/tokens", undefined, { authorization: `Bearer ${body.token}` });
    const { who, action, code } = latest(api);
    assert.deepEqual([who?.name, action, code], ["eyes", "GET /v1/tokens", "forbidden"]);
    const before = api.audit.entries.length;
    const guess = { authorization: "Bearer tl_guess" };
    await api.call("GET", "/v1/nodes", undefined, guess);
    assert.deepEqual([latest(api).who, latest(api).code], [null, "unauthorized"]);
    for (let count = 0; count < 30; count += 1) await api.call("GET", "/v1/nodes", undefined, guess);
    assert.equal(api.audit.entries.length, before + 20, "the rest was told to wait");
    await api.call("GET", "/v1/nodes", undefined, { authorization: "" });
    assert.equal(api.audit.entries.length, before + 20);
  });

  it("believes a proxy that is known as one from where a request comes, and nobody else", async () => {
    const through = { "x-forwarded-for": "10.66.6.6, 10.9.8.7" };
    const fromOf = async (apiProxies: string[]) => {
      const api = await startApi({ apiProxies });
      await api.call("POST", "/v1/nodes", NODE, through);
      return latest(api).from;
    };
    assert.equal(await fromOf([]), "127.0.0.1");
    assert.equal(await fromOf(["10.0.0.0/8"]), "127.0.0.1");
    assert.equal(
      await fromOf(["127.0.0.0/8"]),
      "10.9.8.7",
      "what stands before it, anybody may have written",
    );
  });

  it("is listed in pages and by filters, for auditors and admins, and tells who read it", async () => {
    const api = await startApi();
    const { body: token } = await api.call("POST", "/v1/tokens", { name: "books", role: "auditor" });
    const books = { authorization: `Bearer ${token.token}` };
    await api.call("POST", "/v1/nodes", NODE);
    const first = await api.call("GET", "/v1/audit?limit=1", undefined, books);
    assert.deepEqual(shownAudit.parse(first.body.items[0]), first.body.items[0]);
    assert.equal(first.body.items[0].action, "POST /v1/nodes");
    const next = await api.call("GET", `/v1/audit?limit=1&cursor=${first.body.nextCursor}`, undefined, books);
    assert.equal(next.body.items[0].action, "POST /v1/tokens");
    assert.equal(next.body.nextCursor, null);
    assert.deepEqual(latest(api).who?.name, "books");
    assert.equal(latest(api).action, "GET /v1/audit");
    const oldest = await api.call("GET", "/v1/audit?order=oldest&who=books", undefined, books);
    assert.deepEqual(
      (oldest.body.items as { seq: number }[]).map(({ seq }) => seq),
      [3, 4],
    );
    assert.equal(
      (await api.call("GET", "/v1/audit?target=/v1/nodes", undefined, books)).body.items.length,
      1,
    );
    assert.equal((await api.call("GET", "/v1/audit?since=tomorrow", undefined, books)).status, 400);
  });

  it("can be checked by anybody who has its entries", async () => {
    const api = await startApi();
    await api.call("POST", "/v1/nodes", { ...NODE, labels: { b: "1", "10": "2", "9": "3" } });
    await api.call("DELETE", `/v1/nodes/${NODE.name}`);
    const { body } = await api.call("GET", "/v1/audit?order=oldest");
    let previous = "0".repeat(64);
    for (const { hash, ...entry } of body.items) {
      assert.equal(entry.previous, previous);
      assert.equal(createHash("sha256").update(sorted(entry)).digest("hex"), hash);
      previous = hash;
    }
  });

  it("keeps back an answer that it could not keep", async () => {
    const audit = { append: async () => Promise.reject(new Error("canary")), list: async () => [] };
    const api = await startApi({ audit });
    const { status, body } = await api.call("POST", "/v1/nodes", NODE);
    assert.deepEqual([status, body.code], [500, "internal-error"]);
    assert.doesNotMatch(JSON.stringify(body), /canary/);
    assert.equal((await api.call("GET", "/v1/audit")).status, 500);
    assert.equal((await api.call("GET", "/v1/nodes")).status, 200);
  });
});

/** As the description says it, written anew. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${pairs.map(([name, inner]) => `${JSON.stringify(name)}:${sorted(inner)}`).join(",")}}`;
}

describe("an export of the audit", () => {
  afterEach(stopAll);

  it("is a line for every entry, oldest first, in one answer however many there are", async () => {
    const api = await startApi();
    for (let at = 0; at < 3; at += 1) await api.call("POST", "/v1/nodes", { ...NODE, name: `n${at}` });
    const { status, headers, body } = await api.call("GET", "/v1/audit/export");
    assert.equal(status, 200);
    assert.match(headers.get("content-disposition")!, /^attachment; filename="audit\.jsonl"$/);
    const entries = (body as string)
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { seq: number });
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      [1, 2, 3],
    );
    const { body: narrowed } = await api.call("GET", "/v1/audit/export?outcome=done&who=admin&action=none");
    assert.equal(narrowed, "");
    assert.equal(api.audit.entries.at(-1)!.action, "GET /v1/audit/export");
  });
});
