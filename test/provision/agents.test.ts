import assert from "node:assert/strict";
import { hashOf } from "../../src/deploy/index.ts";
import type { ProvisionParts, RefusedCall } from "../../src/provision/index.ts";
import { MAC, makeBoot, UUID } from "../agent/lab.ts";
import { openSite, type Site } from "./fixture.ts";

const SECRET = "agentagentagentagent42";
const CONTACT = { callback_url: "https://10.0.7.30:9999", agent_version: "12.0.1" };

describe("an agent at the provisioning listener", () => {
  let site: Site;
  let recordId: string;
  let token: string;
  afterEach(() => site.close());

  async function open(changes: Partial<ProvisionParts> = {}): Promise<void> {
    site = await openSite(changes);
    ({ id: recordId } = await site.deploy());
    const boot = makeBoot();
    ({ token } = boot);
    const prepared = { ...boot, lookupUntilMs: site.nowMs() + 60_000 };
    await site.parts.agents.boots.begin({ ...prepared, owner: recordId });
    const exposure = { kind: "agent", secretHash: hashOf(SECRET), recordId, bootId: boot.id } as const;
    await site.parts.exposures.publish(exposure);
  }

  const lookUp = (mac = MAC) => site.ask(`/a/${SECRET}/v1/lookup?addresses=${encodeURIComponent(mac)}`);
  const beat = (change: Record<string, unknown> = {}, path = `/a/${SECRET}/v1/heartbeat/${UUID}`) => {
    const body = JSON.stringify({ ...CONTACT, agent_token: token, ...change });
    return site.ask(path, { method: "POST", body, headers: { "content-type": "application/json" } });
  };
  const refusals = async () =>
    (await site.events(recordId)).flatMap((event) => (event.type === "agent-refused" ? [event.why] : []));

  it("is told the version, its node, and thanked with exactly 202", async () => {
    await open();
    const root = await site.ask(`/a/${SECRET}/`);
    const { default_version: version } = JSON.parse(root.body.toString()) as {
      default_version: { version: string };
    };
    assert.ok(Number(version.version.split(".")[1]) >= 68);
    const found = await lookUp();
    assert.equal(found.status, 200);
    assert.ok(!found.body.toString().includes(token), "the token is on the disc, and in no answer");
    assert.equal((await beat()).status, 202);
  });

  it("wakes its deployment with what it tells, and with nothing else", async () => {
    await open();
    site.hints.length = 0;
    await lookUp();
    assert.deepEqual(site.hints, []);
    await beat();
    assert.deepEqual(
      site.hints.map(({ id }) => id),
      [recordId],
    );
  });

  it("is not known by another secret, after the end, or by a disc's path", async () => {
    await open();
    assert.equal((await beat({}, `/a/${"x".repeat(22)}/v1/heartbeat/${UUID}`)).status, 404);
    assert.equal((await site.ask(`/${SECRET}/boot.iso`)).status, 404);
    await site.parts.exposures.expire(recordId, "agent", null);
    assert.equal((await beat()).status, 404);
  });

  it("that came back changed is told to its deployment, once, and a stranger's guess is not", async () => {
    await open();
    assert.equal((await beat({ agent_token: "wrong" })).status, 401);
    await beat();
    for (let turn = 0; turn < 3; turn += 1)
      assert.equal((await beat({ callback_url: "https://10.0.7.99:9999" })).status, 400);
    await site.look();
    assert.deepEqual(await refusals(), ["contact-changed"]);
    const told = site.logged.filter((line) => line.includes("refused"));
    assert.ok(
      told.some((line) => line.includes("token-wrong")),
      told.join("\n"),
    );
    for (const line of site.logged) assert.ok(!line.includes(token) && !line.includes(SECRET), line);
  });

  it("that is refused is told to whoever keeps that, without a secret and not for each call", async () => {
    const refused: RefusedCall[] = [];
    await open({ onRefused: async (call) => void refused.push(call) });
    for (let turn = 0; turn < 5; turn += 1) await beat({ agent_token: "wrong" });
    await lookUp("52:54:00:99:99:99");
    await beat({ nested: JSON.parse(`${"[".repeat(30)}${"]".repeat(30)}`) });
    await site.ask(`/a/${SECRET}/v1/${"x".repeat(500)}`);

    const told = { recordId, from: "127.0.0.1" };
    const heartbeat = { ...told, action: "POST /a/{secret}/v1/heartbeat/{node}" };
    const guess = { ...heartbeat, why: "token-wrong", status: 401 };
    assert.deepEqual(refused, [
      guess,
      guess,
      guess,
      { ...told, action: "GET /a/{secret}/v1/lookup", why: "other-machine", status: 404 },
      { ...heartbeat, why: "body-unreadable", status: 400 },
      { ...told, action: "GET /a/{secret}/…", why: "no-such-path", status: 404 },
    ]);
  });

  it("may call often, but not without end", async () => {
    await open({ limits: { agentCallsAtOnce: 3, agentCallsPerSecond: 0.01 } });
    const statuses: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) statuses.push((await lookUp()).status);
    assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  });

  it("may not send bodies that are too large or nested too deep", async () => {
    await open();
    const path = `/a/${SECRET}/v1/heartbeat/${UUID}`;
    const large = await site.ask(path, { method: "POST", body: "x".repeat(70_000) });
    assert.equal(large.status, 413);
    const deep = await site.ask(path, { method: "POST", body: `${"[".repeat(200)}${"]".repeat(200)}` });
    assert.equal(deep.status, 400);
  });
});
