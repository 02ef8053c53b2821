import assert from "node:assert/strict";
import { RIGHTS, ROLES, type Role } from "../../src/api/access/roles.ts";
import { DEPLOYMENT, finish, NODE, type Running, startApi, stopAll } from "./fixture.ts";
import { openStream } from "./sse-client.ts";

/** Makes a token, and gives its header. */
async function tokenOf(api: Running, role: Role, scope: Record<string, string> = {}) {
  const name = `${role}-1`;
  const { body, status } = await api.call("POST", "/v1/tokens", { name, role, scope });
  assert.equal(status, 201, JSON.stringify(body));
  return { authorization: `Bearer ${body.token}` };
}

const OPEN = [
  "GET /healthz",
  "GET /readyz",
  "GET /v1/session",
  "GET /v1/session/oidc",
  "GET /v1/session/oidc/callback",
];

describe("the table of rights", () => {
  afterEach(stopAll);

  it("is kept by every route for every role, and for who has none", async () => {
    const api = await startApi();
    const { body } = await api.call("GET", "/openapi.json");
    const routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(
      routes.filter((route) => !OPEN.includes(route)).toSorted(),
      Object.keys(RIGHTS).toSorted(),
      "the table has what is mounted, and nothing else",
    );
    const tokens = await Promise.all(ROLES.map(async (role) => [role, await tokenOf(api, role)] as const));
    for (const route of routes) {
      const isOpen = OPEN.includes(route);
      assert.equal(await ask(api, route, { authorization: "" }), isOpen ? "let in" : "unauthorized", route);
      for (const [role, header] of tokens) {
        const isAllowed = isOpen || RIGHTS[route]!.roles.includes(role);
        assert.equal(await ask(api, route, header), isAllowed ? "let in" : "forbidden", `${role}: ${route}`);
      }
    }
  });

  it("lets those who only look change nothing, and admins alone change nodes and tokens", () => {
    for (const [route, { roles }] of Object.entries(RIGHTS)) {
      const isReading = route.startsWith("GET ") || route.endsWith(" /v1/session");
      if (!isReading) assert.ok(!roles.includes("viewer") && !roles.includes("auditor"), route);
      if (/tokens|(POST|PATCH|DELETE) \/v1\/nodes(\/\{id\})?$/.test(route))
        assert.deepEqual(roles, ["admin"], route);
    }
  });

  it("says which role is needed, to the caller and in the description", async () => {
    const api = await startApi();
    const { body } = await api.call("POST", "/v1/nodes", NODE, await tokenOf(api, "operator"));
    assert.deepEqual([body.status, body.code], [403, "forbidden"]);
    assert.match(body.detail, /token operator-1 has the role operator, which may not POST \/v1\/nodes/);
    const { body: document } = await api.call("GET", "/openapi.json");
    assert.match(document.paths["/v1/nodes"].post.description, /Needs a token of admin\./);
  });
});

/** What the door says; what the room behind it says is other tests' matter. */
async function ask(api: Running, route: string, header: Record<string, string>): Promise<string> {
  const [method, pattern] = route.split(" ") as [string, string];
  const path = pattern.replace(/\{\w+\}/g, "nobody");
  const body = method === "POST" && !path.endsWith("blobs") ? {} : undefined;
  const accept = { accept: "application/json" };
  const reply = await api.call(method, path, body, { ...accept, ...header });
  const code = (reply.body as { code?: string } | undefined)?.code;
  // So many requests without a token are soon refused for their number.
  if (code === "too-many-failed-logins") return "unauthorized";
  return reply.status === 401 || reply.status === 403 ? code! : "let in";
}

describe("a token that is bound to the nodes with a label", () => {
  afterEach(stopAll);

  /** Two nodes, each deployed; the token is for the first one's. */
  async function startTwo() {
    const api = await startApi();
    const ids: string[] = [];
    for (const [name, team] of [
      ["own", "red"],
      ["other", "blue"],
    ] as const) {
      await api.call("POST", "/v1/nodes", { ...NODE, name, labels: { team } });
      const { body } = await api.call("POST", "/v1/deployments", { ...DEPLOYMENT, node: name });
      ids.push(body.id as string);
    }
    return { ...api, own: ids[0]!, other: ids[1]!, red: await tokenOf(api, "operator", { team: "red" }) };
  }

  it("is answered as if the others were not there, by every path that names one", async () => {
    const { call, own, other, red } = await startTwo();
    for (const [route, { scope, roles }] of Object.entries(RIGHTS)) {
      if ((scope !== "node" && scope !== "record") || !roles.includes("operator")) continue;
      const [method, pattern] = route.split(" ") as [string, string];
      const at = (name: string, id: string) => pattern.replace("{id}", scope === "node" ? name : id);
      const body = method === "POST" ? { action: "on" } : undefined;
      const reply = await call(method, at("other", other), body, red);
      assert.equal(reply.status, 404, route);
      assert.match(reply.body.code, /-not-found$/, route);
      if (method !== "GET" || pattern.includes("operations")) continue;
      const mine = await call(method, at("own", own), body, { ...red, accept: "application/json" });
      // Nothing has been found of it, and nothing is kept with it, but it is there.
      const isThere = mine.status === 200 || mine.body.code.endsWith("-unknown");
      assert.ok(isThere, `${route}: ${mine.status}`);
    }
  });

  it("lists and deploys its own alone", async () => {
    const { call, own, records, red } = await startTwo();
    const list = async (path: string) =>
      ((await call("GET", path, undefined, red)).body.items as { id: string; name?: string }[]).map(
        (item) => item.name ?? item.id,
      );
    assert.deepEqual(await list("/v1/nodes"), ["own"]);
    assert.deepEqual(await list("/v1/nodes?label=team:blue"), []);
    assert.deepEqual(await list("/v1/deployments"), [own]);
    const { body: page } = await call("GET", "/v1/nodes", undefined, red);
    assert.equal(page.total, 1);
    finish(records, own);
    assert.equal(
      (await call("POST", "/v1/deployments", { ...DEPLOYMENT, node: "other" }, red)).body.code,
      "node-not-found",
    );
    assert.equal((await call("POST", "/v1/deployments", { ...DEPLOYMENT, node: "own" }, red)).status, 202);
  });

  it("hears of its own alone, live and listed", async () => {
    const { call, url, own, other, records, red } = await startTwo();
    const { body } = await call("GET", "/v1/events", undefined, { ...red, accept: "application/json" });
    assert.deepEqual(
      new Set((body.items as { recordId: string }[]).map(({ recordId }) => recordId)),
      new Set([own]),
    );
    const stream = await openStream(`${url}/v1/events`, red);
    records.add(other, { type: "started" });
    records.add(own, { type: "started" });
    const [first] = await stream.until(1);
    assert.deepEqual([first!.data.recordId, first!.data.type], [own, "started"]);
    stream.close();
  });

  it("is of a viewer or an operator", async () => {
    const { call } = await startApi();
    const wanted = { name: "x", role: "admin", scope: { team: "red" } };
    const { status, body } = await call("POST", "/v1/tokens", wanted);
    assert.deepEqual([status, body.errors[0].path], [422, "scope"]);
  });
});
