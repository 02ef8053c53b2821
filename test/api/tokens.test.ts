import assert from "node:assert/strict";
import { hashOf } from "../../src/api/access/tokens.ts";
import { NODE, type Running, startApi, stopAll, TOKEN } from "./fixture.ts";
import { openStream } from "./sse-client.ts";

describe("tokens of the API", () => {
  afterEach(stopAll);

  const make = async (api: Running, wanted: object = {}) => {
    const reply = await api.call("POST", "/v1/tokens", { name: "pipeline", role: "operator", ...wanted });
    return { ...reply, header: { authorization: `Bearer ${reply.body.token}` } };
  };
  const statusOf = async (api: Running, header: Record<string, string>) =>
    (await api.call("GET", "/v1/nodes", undefined, header)).status;

  it("are told once, and kept as hashes alone", async () => {
    const api = await startApi();
    const { status, body, headers, header } = await make(api);
    assert.equal(status, 201);
    assert.match(body.token, /^tl_[\w-]{43}$/);
    assert.equal(headers.get("location"), `/v1/tokens/${body.id}`);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(await statusOf(api, header), 200);
    const list = await api.call("GET", "/v1/tokens");
    assert.deepEqual(list.body.items[0], {
      id: body.id,
      name: "pipeline",
      role: "operator",
      scope: {},
      createdAt: body.createdAt,
      createdBy: "admin",
      expiresAt: null,
      lastUsedAt: list.body.items[0].lastUsedAt,
    });
    assert.equal(api.tokens.kept[0]!.hash, hashOf(body.token));
    assert.doesNotMatch(
      JSON.stringify([api.tokens.kept, api.logged, api.idempotency]),
      new RegExp(body.token),
    );
  });

  it("name who did something", async () => {
    const api = await startApi();
    await api.call("POST", "/v1/nodes", NODE);
    const { header } = await make(api);
    const { body } = await api.call(
      "POST",
      "/v1/deployments",
      { node: NODE.name, boot: { iso: { url: "https://x.example/y.iso" } } },
      header,
    );
    const { body: cancelled } = await api.call("POST", `/v1/deployments/${body.id}/cancel`, {}, header);
    assert.equal(cancelled.id, body.id);
    assert.deepEqual(api.records.inbox[0]!.item, { kind: "cancel", by: "pipeline" });
  });

  it("let nobody in once they are revoked, and free their names", async () => {
    const api = await startApi();
    const { header, body } = await make(api);
    assert.equal((await make(api)).body.code, "token-name-in-use");
    assert.equal((await make(api, { name: "admin" })).body.code, "token-name-in-use");
    assert.equal((await api.call("DELETE", "/v1/tokens/pipeline")).status, 204);
    assert.equal(await statusOf(api, header), 401);
    assert.equal((await api.call("DELETE", `/v1/tokens/${body.id}`)).body.code, "token-not-found");
    assert.equal((await api.call("DELETE", "/v1/tokens/admin")).body.code, "token-not-found");
    assert.deepEqual((await api.call("GET", "/v1/tokens")).body.items, []);
    assert.equal((await make(api)).status, 201);
  });

  it("end at their time, and none is made that has ended", async () => {
    let nowMs = Date.now();
    const api = await startApi({ clock: () => nowMs });
    const { header } = await make(api, { expiresAt: new Date(nowMs + 60_000).toISOString() });
    assert.equal(await statusOf(api, header), 200);
    nowMs += 60_000;
    assert.equal(await statusOf(api, header), 401);
    const past = await make(api, { name: "late", expiresAt: new Date(nowMs).toISOString() });
    assert.deepEqual([past.status, past.body.errors[0].path], [422, "expiresAt"]);
  });

  it("are refused where they are forged, cut or of another case", async () => {
    const api = await startApi();
    const { body } = await make(api);
    const token = body.token as string;
    const forged = [
      token.slice(0, -1),
      `${token}A`,
      token.toUpperCase(),
      hashOf(token),
      body.id,
      "",
      "tl_",
      TOKEN.slice(0, -1),
    ];
    for (const text of forged)
      assert.equal(await statusOf(api, { authorization: `Bearer ${text}` }), 401, text);
    assert.equal(await statusOf(api, { authorization: `Basic ${btoa(`x:${token}`)}` }), 401);
    assert.equal(await statusOf(api, { authorization: `bearer ${token}` }), 200);
  });

  it("tell to the minute when they were last used", async () => {
    let nowMs = Date.parse("2026-01-01T00:00:00Z");
    const api = await startApi({ clock: () => nowMs });
    const { header } = await make(api);
    const lastUse = async () =>
      (await api.call("GET", "/v1/tokens")).body.items[0].lastUsedAt as string | null;
    assert.equal(await lastUse(), null);
    await statusOf(api, header);
    assert.equal(await lastUse(), "2026-01-01T00:00:00.000Z");
    nowMs += 59_000;
    await statusOf(api, header);
    assert.equal(await lastUse(), "2026-01-01T00:00:00.000Z");
    nowMs += 1_000;
    await statusOf(api, header);
    assert.equal(await lastUse(), "2026-01-01T00:01:00.000Z");
  });

  it("end the streams that were opened with them", async () => {
    const api = await startApi({ pace: { askAgainMs: 10 } });
    const { header } = await make(api, { role: "viewer" });
    const stream = await openStream(`${api.url}/v1/events`, header);
    await new Promise((resolve) => setTimeout(resolve, 40));
    await api.call("DELETE", "/v1/tokens/pipeline");
    await stream.ended;
    const again = await openStream(`${api.url}/v1/events`, header);
    assert.equal(again.status, 401);
  });

  it("may ask so much in a time, each for itself", async () => {
    const api = await startApi({ requestsPerMinute: 60 });
    const { header } = await make(api);
    const { header: another } = await make(api, { name: "another" });
    const answers: number[] = [];
    for (let count = 0; count < 11; count += 1) answers.push(await statusOf(api, header));
    assert.deepEqual(answers, [...Array<number>(10).fill(200), 429]);
    const refused = await api.call("GET", "/v1/nodes", undefined, header);
    assert.equal(refused.body.code, "too-many-requests");
    assert.equal(refused.headers.get("retry-after"), "10");
    assert.equal(await statusOf(api, another), 200);
  });
});

describe("a session of a token", () => {
  afterEach(stopAll);

  it("has its role, its scope and its end, and ends with it", async () => {
    const nowMs = Date.now();
    const api = await startApi({ clock: () => nowMs });
    const expiresAt = new Date(nowMs + 3_600_000).toISOString();
    const wanted = { name: "night-watch", role: "viewer", scope: { team: "red" }, expiresAt };
    const { body: token } = await api.call("POST", "/v1/tokens", wanted);
    const logIn = await api.call("POST", "/v1/session", undefined, {
      authorization: `Bearer ${token.token}`,
    });
    const rights = { role: "viewer", scope: { team: "red" } };
    const said = { signedIn: true, expiresAt, name: "night-watch", ...rights, provider: null };
    const { may: _, ...told } = logIn.body;
    assert.deepEqual(told, said);
    assert.match(logIn.headers.get("set-cookie")!, /Max-Age=3600;/);
    const cookie = logIn.headers.get("set-cookie")!.split(";")[0]!;
    const own = { authorization: "", cookie, "sec-fetch-site": "same-origin" };
    const { may: __, ...again } = (await api.call("GET", "/v1/session", undefined, own)).body;
    assert.deepEqual(again, said);
    assert.equal((await api.call("GET", "/v1/nodes", undefined, own)).status, 200);
    assert.equal((await api.call("POST", "/v1/nodes", NODE, own)).body.code, "forbidden");
    assert.doesNotMatch(cookie, new RegExp(`${token.token}|${hashOf(token.token)}`));
    await api.call("DELETE", "/v1/tokens/night-watch");
    assert.equal((await api.call("GET", "/v1/nodes", undefined, own)).status, 401);
  });
});
