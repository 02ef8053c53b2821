import assert from "node:assert/strict";
import { RIGHTS } from "../../src/api/access/roles.ts";
import { createTokens } from "../../src/api/access/tokens.ts";
import { createSessions } from "../../src/api/session.ts";
import { createMemoryTokens } from "./memory-tokens.ts";
import { NODE, type Running, startApi, stopAll, TOKEN } from "./fixture.ts";

describe("the dashboard's session", () => {
  afterEach(stopAll);

  const logIn = async (api: Running, headers: Record<string, string> = {}) => {
    const { status, headers: given } = await api.call("POST", "/v1/session", undefined, headers);
    assert.equal(status, 200);
    const whole = given.get("set-cookie")!;
    return { whole, cookie: whole.split(";")[0]! };
  };
  const by = (cookie: string, more: Record<string, string> = {}) => ({ authorization: "", cookie, ...more });

  it("is a cookie that no script reads and no other site's request carries", async () => {
    const api = await startApi();
    const { whole } = await logIn(api);
    assert.match(
      whole,
      /^trayload-\w{8}=admin\.\d+\.[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    assert.doesNotMatch(whole, new RegExp(TOKEN));
    const secure = await logIn(api, { origin: "https://trayload.example" });
    assert.match(secure.whole, /; Secure$/);
  });

  it("reads what the token reads", async () => {
    const api = await startApi();
    const { cookie } = await logIn(api);
    assert.equal((await api.call("GET", "/v1/nodes", undefined, by(`other=1; ${cookie}`))).status, 200);
    const session = await api.call("GET", "/v1/session", undefined, by(cookie));
    assert.equal(session.body.signedIn, true);
    assert.ok(Date.parse(session.body.expiresAt) > Date.now());
    assert.equal((await api.call("GET", "/v1/session", undefined, by(""))).body.signedIn, false);
  });

  it("says what its token's role may, so that a page offers nothing else", async () => {
    const api = await startApi();
    const { body: viewer } = await api.call("POST", "/v1/tokens", { name: "eyes", role: "viewer" });
    const asked = { authorization: `Bearer ${viewer.token}` };
    const { body } = await api.call("POST", "/v1/session", undefined, asked);
    assert.deepEqual([body.name, body.role], ["eyes", "viewer"]);
    assert.ok(body.may.includes("GET /v1/nodes") && !body.may.includes("GET /v1/audit"));
    assert.deepEqual(
      body.may.filter((route: string) => !route.startsWith("GET ")),
      ["POST /v1/session", "DELETE /v1/session"],
    );
    const { body: admin } = await api.call("POST", "/v1/session");
    assert.deepEqual(admin.may, Object.keys(RIGHTS));
    const nobody = await api.call("GET", "/v1/session", undefined, by(""));
    assert.deepEqual(nobody.body.may, []);
  });

  it("changes things only where the browser says that our own page asks", async () => {
    const api = await startApi();
    const { cookie } = await logIn(api);
    const host = new URL(api.url).host;
    const add = async (more: Record<string, string>) =>
      (await api.call("POST", "/v1/nodes", NODE, by(cookie, more))).body.code as string | undefined;
    const elsewhere = "cross-site-request";
    assert.equal(await add({}), elsewhere);
    assert.equal(await add({ origin: "https://evil.example" }), elsewhere);
    assert.equal(await add({ origin: "null" }), elsewhere);
    for (const site of ["cross-site", "same-site", "none"]) {
      assert.equal(await add({ "sec-fetch-site": site, origin: `http://${host}` }), elsewhere, site);
    }
    assert.equal(await add({ "sec-fetch-site": "same-origin" }), undefined);
    assert.equal(await add({ origin: `http://${host}` }), "node-name-in-use");
  });

  it("counts for nothing when it is forged, of another server, or has ended", async () => {
    const api = await startApi();
    const { cookie } = await logIn(api);
    const name = cookie.split("=")[0]!;
    const [id, endMs, signature] = cookie.split("=")[1]!.split(".") as [string, string, string];
    const forged = [
      `${id}.${Number(endMs) + 1}.${signature}`,
      `${id}.${endMs}.${"A".repeat(43)}`,
      `tok_other.${endMs}.${signature}`,
      `${endMs}.${signature}`,
      endMs,
      "",
      TOKEN,
    ];
    for (const value of forged) {
      assert.equal(
        (await api.call("GET", "/v1/nodes", undefined, by(`${name}=${value}`))).status,
        401,
        value,
      );
    }
    let nowMs = 1_000_000;
    const sessionsOf = (adminToken: string) => {
      const parts = { adminToken, clock: () => nowMs };
      const store = createMemoryTokens();
      const tokens = createTokens({ ...parts, store, onError: assert.ifError });
      return {
        sessions: createSessions({ ...parts, tokens }),
        caller: async () => (await tokens.byId("admin"))!.caller,
      };
    };
    const { sessions, caller } = sessionsOf(TOKEN);
    const own = (await sessions.issue(await caller(), false)).cookie;
    const another = sessionsOf("tl_another-token-of-another-server");
    const other = (await another.sessions.issue(await another.caller(), false)).cookie;
    assert.equal(await sessions.check({ cookie: other }), undefined);
    assert.equal((await sessions.check({ cookie: own }))?.untilMs, 1_000_000 + 43_200_000);
    nowMs += 43_200_000;
    assert.equal(await sessions.check({ cookie: own }), undefined);
  });

  it("does not make a wrong token right", async () => {
    const api = await startApi();
    const { cookie } = await logIn(api);
    const reply = await api.call("GET", "/v1/nodes", undefined, { authorization: "Bearer tl_wrong", cookie });
    assert.equal(reply.status, 401);
    assert.equal((await api.call("POST", "/v1/session", undefined, by(""))).status, 401);
  });

  it("is forgotten by the browser at a log-out", async () => {
    const api = await startApi();
    const { cookie } = await logIn(api);
    const own = by(cookie, { "sec-fetch-site": "same-origin" });
    const { status, headers } = await api.call("DELETE", "/v1/session", undefined, own);
    assert.equal(status, 204);
    assert.match(headers.get("set-cookie")!, /=; Path=\/; Max-Age=0; HttpOnly/);
  });
});
