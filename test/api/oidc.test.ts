import assert from "node:assert/strict";
import { generateKeyPair } from "jose";
import type { RoleRule } from "../../src/api/index.ts";
import { readDocument } from "../../src/api/oidc/document.ts";
import { type Running, startApi, stopAll } from "./fixture.ts";
import { CLIENT, type Given, type OidcProvider, startOidcProvider } from "./oidc-provider.ts";

const RULES: RoleRule[] = [
  { claim: "realm_access.roles", value: "bmc-admin", role: "admin", scope: {} },
  { claim: "groups", value: "red-team", role: "operator", scope: { team: "red" } },
  { claim: "groups", value: "audit", role: "auditor", scope: {} },
];
const MEMBER = { preferred_username: "ann", groups: ["staff", "red-team"] };

describe("a log-in by a provider", () => {
  let provider: OidcProvider;
  let api: Running;
  let nowMs: () => number;

  beforeEach(async () => {
    provider = await startOidcProvider();
    provider.person = MEMBER;
    nowMs = Date.now;
    api = await startApi({
      clock: () => nowMs(),
      pace: { keysCooldownMs: 0 },
      oidc: {
        issuer: provider.issuer,
        clientId: CLIENT.id,
        clientSecret: CLIENT.secret,
        redirectUrl: "https://trayload.example/v1/session/oidc/callback",
        scopes: ["openid", "profile"],
        label: "Example",
        nameClaim: undefined,
        rules: RULES,
        ca: undefined,
      },
    });
  });
  afterEach(async () => {
    await stopAll();
    await provider.close();
  });

  const ask = (path: string, cookie: string, accept = "application/json") =>
    fetch(`${api.url}${path}`, { redirect: "manual", headers: { cookie, accept } });

  /** Goes to the provider and comes back, as a browser does. */
  async function goThere(): Promise<{ cookie: string; back: string }> {
    const begun = await ask("/v1/session/oidc", "");
    assert.equal(begun.status, 303, await begun.text());
    const there = await fetch(begun.headers.get("location")!, { redirect: "manual" });
    const back = new URL(there.headers.get("location")!);
    assert.equal(back.origin, "https://trayload.example");
    return { cookie: begun.headers.getSetCookie()[0]!.split(";")[0]!, back: back.pathname + back.search };
  }

  async function logIn(): Promise<Response> {
    const { cookie, back } = await goThere();
    return ask(back, cookie);
  }

  /** @returns the session's cookie */
  async function letIn(): Promise<string> {
    const ended = await logIn();
    assert.equal(ended.status, 303, await ended.text());
    assert.equal(ended.headers.get("location"), "/");
    return ended.headers.getSetCookie()[0]!.split(";")[0]!;
  }

  async function refusal(): Promise<string> {
    const ended = await logIn();
    const body = (await ended.json()) as { code: string; detail: string };
    assert.deepEqual([ended.status, body.code], [403, "log-in-refused"], body.detail);
    assert.deepEqual(ended.headers.getSetCookie(), []);
    return body.detail;
  }

  const session = async (cookie: string) =>
    (await (await ask("/v1/session", cookie)).json()) as Record<string, unknown>;

  it("gives a session with the role and scope of the first rule that fits", async () => {
    const { name, role, scope, signedIn } = await session(await letIn());
    assert.deepEqual([signedIn, name, role, scope], [true, "oidc:ann", "operator", { team: "red" }]);
    provider.person = { sub: "u-2", email: "eve@x.example", realm_access: { roles: ["bmc-admin"] } };
    const admin = await session(await letIn());
    assert.deepEqual([admin["name"], admin["role"], admin["scope"]], ["oidc:eve@x.example", "admin", {}]);
  });

  it("is kept in cookies that no script reads, of which the session's stays at home", async () => {
    const begun = await ask("/v1/session/oidc", "");
    const going = begun.headers.getSetCookie()[0]!;
    assert.match(going, /; Path=\/v1\/session\/oidc; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/);
    const to = new URL(begun.headers.get("location")!).searchParams;
    assert.equal(to.get("code_challenge_method"), "S256");
    for (const secret of ["state", "nonce"]) assert.ok(!going.includes(to.get(secret)!), secret);
    const [kept, forgotten] = (await logIn()).headers.getSetCookie();
    assert.match(kept!, /HttpOnly; SameSite=Strict; Secure$/);
    assert.match(forgotten!, /=; Path=\/v1\/session\/oidc; Max-Age=0/);
  });

  it("is told to the page, which shows a button for it", async () => {
    assert.deepEqual((await session(""))["provider"], { label: "Example", path: "/v1/session/oidc" });
    const other = await startApi();
    const { body } = await other.call("GET", "/v1/session");
    assert.equal(body.provider, null);
    assert.equal((await other.call("GET", "/v1/session/oidc")).body.code, "oidc-not-set-up");
  });

  const forgeries: Record<string, OidcProvider["tamper"]> = {
    "signed by another key": async (given) => ({
      ...given,
      key: (await generateKeyPair("RS256")).privateKey,
    }),
    "signed by nobody": ({ claims }) => `${encode({ alg: "none" })}.${encode(claims)}.`,
    "signed with the client's secret": (given) => ({
      ...given,
      header: { alg: "HS256", kid: "key-1" },
      key: Buffer.from(CLIENT.secret.padEnd(32)),
    }),
    "signed with the public key as a secret": (given) => ({
      ...given,
      header: { alg: "HS256", kid: "key-1" },
      key: Buffer.from(JSON.stringify(provider.publicKey())),
    }),
    "of a key that the provider has not": (given) => ({
      ...given,
      header: { ...given.header, kid: "key-9" },
    }),
    "no token at all": () => "canary",
    "of another issuer": with_({ iss: "https://other.example" }),
    "for another client": with_({ aud: "other" }),
    "for several clients": with_({ aud: [CLIENT.id, "other"] }),
    "handed out to another client": with_({ azp: "other" }),
    "of another log-in": with_({ nonce: "other" }),
    "of no log-in": with_({ nonce: undefined }),
    "of nobody": with_({ sub: undefined }),
    "without an end": with_({ exp: undefined }),
    "without a beginning": with_({ iat: undefined }),
    "at its end": shifted({ exp: -65 }),
    "not valid yet": shifted({ nbf: 65 }),
    "from the future": shifted({ iat: 65 }),
    "from long ago": shifted({ iat: -700 }),
  };

  for (const [what, forge] of Object.entries(forgeries))
    it(`refuses a token that is ${what}`, async () => {
      provider.tamper = forge;
      const said = await refusal();
      assert.match(said, /^The provider's ID token does not stand: /);
      // Those of secrets are not taken whatever keys there are.
      if (/secret|signed by nobody/.test(what)) assert.match(said, /"alg" .*not allowed/);
    });

  it("forgives clocks a minute", async () => {
    for (const off of [{ exp: -50 }, { nbf: 50 }, { iat: 50 }]) {
      provider.tamper = shifted(off);
      await letIn();
    }
  });

  it("takes a token for several clients that was made for this one", async () => {
    provider.tamper = with_({ aud: [CLIENT.id, "other"], azp: CLIENT.id });
    await letIn();
  });

  it("learns the provider's new keys when it sees them used", async () => {
    await letIn();
    await provider.rotate();
    await letIn();
    assert.equal(provider.paths.filter((path) => path === "/keys").length, 2);
    assert.equal(provider.paths.filter((path) => path.startsWith("/.well-known")).length, 1);
  });

  it("refuses whom no rule names, and who only looks like it", async () => {
    for (const groups of [undefined, [], ["Red-Team"], { "red-team": true }, "red-team,other"]) {
      provider.person = { preferred_username: "bob", groups };
      assert.match(await refusal(), /^bob is known to the provider, and no rule gives a role here/);
    }
  });

  it("ends in the browser alone that began it", async () => {
    const first = await goThere();
    const second = await goThere();
    const stale = async (path: string, cookie: string) => {
      const { status } = await ask(path, cookie);
      assert.equal(status, 400, path);
    };
    await stale(first.back, "");
    await stale(first.back, second.cookie);
    await stale(first.back.replace(/state=[^&]+/, "state=other"), first.cookie);
    await stale(first.back, `${first.cookie.split("=")[0]}=${"A".repeat(200)}`);
    assert.equal(provider.paths.filter((path) => path === "/token").length, 0);
    nowMs = () => Date.now() + 601_000;
    await stale(first.back, first.cookie);
    nowMs = Date.now;
    assert.equal((await ask(first.back, first.cookie)).status, 303);
    assert.equal((await ask(first.back, first.cookie)).status, 403, "a code counts once");
  });

  it("refuses what the provider refuses, and what another provider sends", async () => {
    provider.sendBack = (query) => {
      query.delete("code");
      query.set("error", "access_denied");
    };
    assert.match(await refusal(), /refused the log-in: access_denied/);
    provider.sendBack = (query) => query.set("iss", "https://other.example");
    assert.match(await refusal(), /another provider/);
    provider.sendBack = (query) => query.set("code", "made-up");
    assert.match(await refusal(), /invalid_grant/);
  });

  it("says that the provider is away, and finds it again", async () => {
    provider.brokenStatus = 503;
    const away = await ask("/v1/session/oidc", "");
    assert.deepEqual(
      [away.status, ((await away.json()) as { code: string }).code],
      [502, "log-in-unavailable"],
    );
    provider.brokenStatus = undefined;
    const { cookie, back } = await goThere();
    provider.brokenStatus = 500;
    assert.equal((await ask(back, cookie)).status, 502);
    provider.brokenStatus = undefined;
    await letIn();
  });

  it("shows people the log-in page when it is refused, and the reason to the log", async () => {
    provider.person = { preferred_username: "bob" };
    const { cookie, back } = await goThere();
    const ended = await ask(back, cookie, "text/html,application/xhtml+xml,*/*;q=0.8");
    assert.deepEqual([ended.status, ended.headers.get("location")], [303, "/?log-in=log-in-refused"]);
    assert.match(ended.headers.getSetCookie().join(), /Max-Age=0/);
    assert.match(api.logged.join(""), /bob is known to the provider/);
  });

  it("stands in the audit, with who it was, and without codes and tokens", async () => {
    const cookie = await letIn();
    await ask("/v1/tokens", cookie);
    provider.person = { groups: [] };
    await refusal();
    const told = api.audit.entries.map(({ who, action, outcome, code }) => [
      who?.name,
      action,
      outcome,
      code,
    ]);
    const callback = "GET /v1/session/oidc/callback";
    assert.deepEqual(told, [
      ["oidc:ann", callback, "done", null],
      ["oidc:ann", "GET /v1/tokens", "refused", "forbidden"],
      [undefined, callback, "refused", "log-in-refused"],
    ]);
    assert.equal(api.audit.entries[0]!.target, "/v1/session/oidc/callback");
    assert.doesNotMatch(JSON.stringify(api.audit.entries) + api.logged.join(""), /code=|eyJ/);
  });

  it("gives whoever comes again what they are now, in their other browsers too", async () => {
    const first = await letIn();
    provider.person = { ...MEMBER, groups: ["audit"] };
    const second = await letIn();
    for (const cookie of [first, second]) assert.equal((await session(cookie))["role"], "auditor");
    assert.equal(api.tokens.kept.length, 1);
  });

  it("holds twelve hours at most, and until an admin revokes it", async () => {
    const cookie = await letIn();
    nowMs = () => Date.now() + 12 * 3_600_000 - 60_000;
    assert.equal((await session(cookie))["signedIn"], true);
    nowMs = () => Date.now() + 12 * 3_600_000 + 1;
    assert.equal((await session(cookie))["signedIn"], false);
    nowMs = Date.now;
    const { body } = await api.call("GET", "/v1/tokens");
    assert.deepEqual([body.items[0].name, body.items[0].createdBy], ["oidc:ann", "oidc"]);
    assert.equal((await api.call("DELETE", `/v1/tokens/${body.items[0].id}`)).status, 204);
    assert.equal((await session(cookie))["signedIn"], false);
    assert.equal((await session(await letIn()))["signedIn"], true, "the provider still lets them in");
    assert.equal((await session(cookie))["signedIn"], false, "what was revoked stays so");
  });

  it("may fail twenty times in a minute", async () => {
    for (let n = 0; n < 20; n += 1) assert.equal((await ask("/v1/session/oidc/callback", "")).status, 400);
    assert.equal((await ask("/v1/session/oidc/callback", "")).status, 429);
  });

  it("may succeed more often", async () => {
    for (let n = 0; n < 21; n += 1) await letIn();
  });
});

describe("what a provider says of itself", () => {
  const ISSUER = "https://sso.example";
  const whole = {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/a`,
    token_endpoint: `${ISSUER}/t`,
    jwks_uri: "https://keys.example/k",
  };
  const read = (changes: object) => readDocument(ISSUER, JSON.stringify({ ...whole, ...changes }));

  it("is taken when it is whole, its own, and all behind TLS", () => {
    assert.equal(read({}).token_endpoint, `${ISSUER}/t`);
    assert.throws(() => read({ issuer: "https://other.example" }), /of the issuer https:\/\/other\.example/);
    assert.throws(() => read({ jwks_uri: undefined }), /lacks jwks_uri/);
    for (const name of ["authorization_endpoint", "token_endpoint", "jwks_uri"])
      assert.throws(() => read({ [name]: "http://sso.example/x" }), /without TLS/, name);
    assert.throws(() => readDocument(ISSUER, "<html>"), SyntaxError);
  });
});

function with_(claims: Record<string, unknown>): (given: Given) => Given {
  return (given) => ({ ...given, claims: { ...given.claims, ...claims } });
}

/** @param times in seconds from now */
function shifted(times: Record<string, number>): (given: Given) => Given {
  const nowS = () => Math.floor(Date.now() / 1000);
  return (given) =>
    with_(Object.fromEntries(Object.entries(times).map(([name, by]) => [name, nowS() + by])))(given);
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
