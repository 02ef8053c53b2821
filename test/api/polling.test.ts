import assert from "node:assert/strict";
import { RIGHTS } from "../../src/api/access/roles.ts";
import { DEPLOYMENT, finish, NODE, type Running, startApi, startDeployed, stopAll } from "./fixture.ts";

const ORIGIN = "https://board.example";

describe("what programs ask for again and again", () => {
  afterEach(stopAll);

  /** Lists and things that there are after one deployment of one node. */
  const KNOWN = (id: string) => [
    "/v1/nodes",
    "/v1/nodes/rack1-u07",
    "/v1/deployments",
    `/v1/deployments/${id}`,
    `/v1/deployments/${id}/events`,
    "/v1/events",
    "/v1/tokens",
    "/v1/settings/agent-images",
    "/openapi.json",
  ];

  it("carries its tag, is not kept by others, and says when to ask again", async () => {
    const { call, id } = await startDeployed();
    for (const path of KNOWN(id)) {
      const { status, headers } = await call("GET", path, undefined, { accept: "application/json" });
      assert.equal(status, 200, path);
      assert.match(headers.get("etag")!, /^(W\/)?"[^"]+"$/, path);
      assert.equal(headers.get("cache-control"), "private, no-cache", path);
      assert.match(headers.get("retry-after")!, /^\d+$/, path);
    }
  });

  it("is 304 without a body while nothing has changed, and whole once something has", async () => {
    const { call, id, records } = await startDeployed();
    const tags = new Map<string, string>();
    const ask = (path: string) =>
      call("GET", path, undefined, {
        accept: "application/json",
        "if-none-match": tags.get(path) ?? '"none"',
      });
    for (const path of KNOWN(id)) tags.set(path, (await ask(path)).headers.get("etag")!);
    for (const path of KNOWN(id)) {
      const { status, headers, body } = await ask(path);
      assert.deepEqual([status, body, headers.get("etag")], [304, "", tags.get(path)], path);
    }
    finish(records, id);
    const changed = KNOWN(id).filter((path) => /events|deployments|nodes/.test(path));
    for (const path of changed) assert.equal((await ask(path)).status, 200, path);
  });

  it("says so of every list and thing in its description", async () => {
    const { call } = await startApi();
    const { body } = await call("GET", "/openapi.json");
    for (const name of Object.keys(RIGHTS).filter((route) => route.startsWith("GET /v1/"))) {
      const { responses } = body.paths[name.slice(4)].get;
      if (responses[200].content["application/json"] === undefined) continue;
      assert.deepEqual(
        Object.keys(responses[200].headers).toSorted().slice(0, 2),
        ["ETag", "Retry-After"],
        name,
      );
      assert.ok(responses[304], name);
    }
  });

  it("shows the fields that are asked for, in lists of nodes and of deployments", async () => {
    const { call } = await startDeployed();
    for (const path of ["/v1/nodes", "/v1/deployments"]) {
      const { body } = await call("GET", `${path}?fields=state`);
      assert.deepEqual(Object.keys(body.items[0]).toSorted(), ["id", "state"], path);
      const refused = await call("GET", `${path}?fields=state,colour`);
      assert.deepEqual([refused.status, refused.body.code], [400, "invalid-query"], path);
      const [whole, part] = [await call("GET", path), await call("GET", `${path}?fields=state`)];
      assert.notEqual(whole.headers.get("etag"), part.headers.get("etag"), path);
    }
  });

  it("goes on from an event, whatever was shown of it", async () => {
    const api = await startDeployed();
    const accept = { accept: "application/json" };
    const read = async (after: number, as: Record<string, string> = {}) =>
      (await api.call("GET", `/v1/events?after=${after}`, undefined, { ...accept, ...as })).body as {
        items: { type: string }[];
        after: number;
        nextCursor: string | null;
      };
    const first = await read(0);
    assert.deepEqual(
      first.items.map(({ type }) => type),
      ["accepted"],
    );
    assert.deepEqual(await read(first.after), { items: [], nextCursor: null, after: first.after });
    finish(api.records, api.id);
    const second = await read(first.after);
    assert.deepEqual(
      second.items.map(({ type }) => type),
      ["started", "succeeded"],
    );
    const blind = await tokenFor(api, { team: "other" });
    assert.deepEqual(await read(0, blind), { items: [], nextCursor: null, after: second.after });
  });

  async function tokenFor(api: Running, scope: Record<string, string>) {
    const { body } = await api.call("POST", "/v1/tokens", { name: "bound", role: "viewer", scope });
    return { authorization: `Bearer ${body.token}` };
  }

  it("holds an answer until there is an event beyond the version, or the end", async () => {
    const { call, id, records } = await startDeployed();
    const path = `/v1/deployments/${id}`;
    const { body: before } = await call("GET", path);
    const held = call("GET", `${path}?waitMs=30000&after=${before.version}`);
    const untilFinal = call("GET", `${path}?waitMs=30000&until=final`);
    records.add(id, { type: "started" });
    assert.equal((await held).body.version, before.version + 1);
    records.add(id, { type: "succeeded", clean: true, result: null });
    assert.deepEqual([(await untilFinal).body.state, (await untilFinal).body.final], ["succeeded", true]);
    assert.equal((await call("GET", `${path}?waitMs=30000&until=final`)).status, 200);
    assert.equal((await call("GET", `${path}?waitMs=60001`)).body.code, "invalid-query");
  });
});

describe("a dashboard of another origin", () => {
  afterEach(stopAll);

  const preflight = (url: string, origin: string, method: string) =>
    fetch(`${url}/v1/deployments`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,if-none-match",
      },
    });

  it("may GET where its origin is named, and change nothing", async () => {
    const { url } = await startApi({ corsOrigins: [ORIGIN] });
    const { status, headers } = await preflight(url, ORIGIN, "GET");
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), ORIGIN);
    assert.equal(headers.get("access-control-allow-methods"), "GET, HEAD");
    assert.match(headers.get("access-control-allow-headers")!, /Authorization, If-None-Match, Last-Event-ID/);
    assert.match(headers.get("access-control-max-age")!, /^\d+$/);
    assert.match(headers.get("vary")!, /^origin$/i);
    // A session is this origin's own.
    assert.equal(headers.get("access-control-allow-credentials"), null);
  });

  it("may not where it is not named, and by default none is", async () => {
    const named = await startApi({ corsOrigins: [ORIGIN] });
    const usual = await startApi();
    for (const [url, origin] of [
      [named.url, "https://evil.example"],
      [named.url, "null"],
      [usual.url, ORIGIN],
    ] as const) {
      const { headers } = await preflight(url, origin, "GET");
      for (const name of headers.keys()) assert.doesNotMatch(name, /^access-control/, origin);
    }
  });

  it("reads refusals and what polling needs, too", async () => {
    const { call } = await startApi({ corsOrigins: [ORIGIN] });
    await call("POST", "/v1/nodes", NODE);
    await call("POST", "/v1/deployments", DEPLOYMENT);
    for (const as of [{}, { authorization: "" }]) {
      const { headers } = await call("GET", "/v1/deployments", undefined, { origin: ORIGIN, ...as });
      assert.equal(headers.get("access-control-allow-origin"), ORIGIN);
      assert.match(headers.get("access-control-expose-headers")!, /ETag, Retry-After/);
    }
  });
});
