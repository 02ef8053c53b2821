import assert from "node:assert/strict";
import {
  type AgentBoot,
  type AgentReply,
  createAgentServer,
  makeAgentToken,
  type Refusal,
} from "../../src/agent/index.ts";
import { makeCertificate } from "../bmc-simulator/certificate.ts";
import { MAC, makeBoot, UUID } from "./lab.ts";
import { createMemoryStore, type MemoryStore } from "./memory-store.ts";

const CONTACT = { callback_url: "https://10.0.7.30:9999", agent_version: "12.0.1" };

/** A server over one boot, asked without a listener. */
function serve(change: Partial<AgentBoot> = {}): {
  store: MemoryStore;
  ask: (method: string, path: string, body?: unknown, from?: string) => Promise<AgentReply>;
  beat: (body?: object) => Promise<AgentReply>;
} {
  const store = createMemoryStore(makeBoot(change));
  const server = createAgentServer({ store, clock: Date.now });
  async function* bytesOf(body: unknown): AsyncGenerator<Buffer> {
    yield Buffer.from(typeof body === "string" ? body : JSON.stringify(body ?? ""));
  }
  const ask = (method: string, path: string, body?: unknown, from = "10.0.7.30"): Promise<AgentReply> =>
    server.take({ bootId: "boot-1", method, path, body: bytesOf(body), from });
  const beat = (body: object = {}): Promise<AgentReply> => {
    const { token } = store.boot();
    return ask("POST", `/v1/heartbeat/${UUID}`, { ...CONTACT, agent_token: token, ...body });
  };
  return { store, ask, beat };
}

function assertRefused(reply: AgentReply, status: number, why: Refusal): void {
  assert.equal(reply.status, status);
  assert.ok(reply.happened.kind === "refused", reply.happened.kind);
  assert.equal(reply.happened.why, why);
}

function tokenIn(reply: AgentReply): unknown {
  return (reply.body!["config"] as Record<string, unknown>)["agent_token"];
}

describe("the root that an agent asks for", () => {
  it("has a version by which agents send tokens and serve TLS", async () => {
    for (const path of ["", "/", "//"]) {
      const { status, body } = await serve().ask("GET", path);
      assert.equal(status, 200);
      assert.match((body!["default_version"] as { version: string }).version, /^1\.(?:6[89]|[7-9]\d|\d{3})$/);
    }
  });
});

describe("a lookup", () => {
  const byMac = `/v1/lookup?addresses=${encodeURIComponent(`00:00:00:00:00:01,${MAC.toUpperCase()}`)}`;

  it("finds the node by a MAC and by the UUID, and shows it as agents read it", async () => {
    const { ask } = serve();
    for (const path of [byMac, `/v1/lookup?addresses=aa&node_uuid=${UUID}`]) {
      const { status, body } = await ask("GET", path);
      assert.equal(status, 200);
      assert.deepEqual(body?.["node"], {
        uuid: UUID,
        properties: { root_device: { serial: "S-1" } },
        instance_info: {},
        driver_internal_info: {},
        links: [],
      });
    }
  });

  it("never answers with a token that stands on the disc", async () => {
    const { ask, store } = serve();

    const reply = await ask("GET", byMac);

    assert.equal(tokenIn(reply), "******");
    assert.ok(!JSON.stringify(reply).includes(store.boot().token));
  });

  it("gives the token once where no disc has it: again to the same caller, to no second one", async () => {
    const { ask, store, beat } = serve({ tokenBy: "lookup" });

    assert.equal(tokenIn(await ask("GET", byMac)), store.boot().token);
    assert.equal(tokenIn(await ask("GET", byMac)), store.boot().token, "its answer may have been lost");
    const second = await ask("GET", byMac, undefined, "10.0.7.66");
    assertRefused(second, 404, "token-held-by-other");
    assert.ok(!JSON.stringify(second).includes(store.boot().token));

    await beat();
    assert.equal(tokenIn(await ask("GET", byMac)), "******", "a heartbeat showed that it arrived");
  });

  it("of another machine finds nothing, as one for an unknown node", async () => {
    const { ask } = serve();
    for (const query of ["addresses=52:54:00:aa:00:02", "addresses=", "", `addresses=${MAC}&node_uuid=other`])
      assertRefused(await ask("GET", `/v1/lookup?${query}`), 404, "other-machine");
  });

  it("is answered within the boot's window, and later only to an agent that has been heard of", async () => {
    const { ask, beat, store } = serve({ lookupUntilMs: Date.now() - 1 });

    assertRefused(await ask("GET", byMac), 404, "window-closed");
    await beat();
    assert.equal((await ask("GET", `/v1/lookup?node_uuid=${UUID}`)).status, 200);
    store.end();
    assertRefused(await ask("GET", byMac), 404, "boot-over");
  });

  it("takes any machine where no MAC is recorded, but not nonsense", async () => {
    const { ask } = serve({ macs: [] });

    assert.equal((await ask("GET", byMac)).status, 200);
    assertRefused(await ask("GET", "/v1/lookup?addresses=x"), 404, "other-machine");
  });
});

describe("a heartbeat", () => {
  const { cert } = makeCertificate();

  it("is kept, with where the agent is reached, and answered exactly 202", async () => {
    const { beat, store } = serve();

    const reply = await beat({ agent_verify_ca: cert });

    assert.deepEqual([reply.status, reply.body], [202, null]);
    assert.deepEqual(reply.happened, { kind: "beat", isFirst: true });
    assert.equal(store.boot().contact?.callbackUrl, "https://10.0.7.30:9999");
    assert.match(store.boot().contact?.certificate ?? "", /BEGIN CERTIFICATE/);
    assert.deepEqual((await beat({ agent_verify_ca: cert })).happened, { kind: "beat", isFirst: false });
  });

  it("with a wrong token, or none, changes nothing", async () => {
    const { beat, store } = serve();
    for (const agent_token of [makeAgentToken(), "", null, undefined, 7, [store.boot().token]])
      assertRefused(await beat({ agent_token }), 401, "token-wrong");
    assert.equal(store.boot().contact, null);
  });

  it("that comes from another agent than the first one is not kept", async () => {
    const { beat, store } = serve();
    await beat({ agent_verify_ca: cert });

    assertRefused(await beat({ agent_verify_ca: makeCertificate().cert }), 400, "contact-changed");
    assertRefused(await beat({}), 400, "contact-changed");
    const moved = { agent_verify_ca: cert, callback_url: "https://10.0.7.66:9999" };
    assertRefused(await beat(moved), 400, "contact-changed");
    assert.equal(store.beats.length, 1);
  });

  it("must come from an agent that serves TLS, unless a lab allows others", async () => {
    const plain = { callback_url: "http://10.0.7.30:9999" };
    const { settings } = makeBoot();

    assertRefused(await serve().beat(plain), 400, "tls-missing");
    const lab = serve({ settings: { ...settings, requiresTls: false } });
    assert.equal((await lab.beat(plain)).status, 202);
  });

  it("must say its version, an address alone, and a certificate that is one", async () => {
    const { beat } = serve();
    const bad = [
      { agent_version: undefined },
      { callback_url: undefined },
      { callback_url: "https://10.0.7.30:9999/elsewhere" },
      { callback_url: "https://user@10.0.7.30:9999" },
      { callback_url: "file:///etc/passwd" },
      { agent_verify_ca: "-----BEGIN CERTIFICATE-----" },
      { agent_verify_ca: 7 },
    ];
    for (const body of bad) assertRefused(await beat(body), 400, "body-unreadable");
  });

  it("of another node, or after the end of the boot, finds nothing", async () => {
    const { ask, beat, store } = serve();

    assertRefused(await ask("POST", "/v1/heartbeat/2be26c0b", {}), 404, "other-machine");
    store.end();
    assertRefused(await beat(), 404, "boot-over");
  });

  it("is read only so far: not too long, not too deep, and JSON", async () => {
    const { ask, beat } = serve();
    const path = `/v1/heartbeat/${UUID}`;

    assertRefused(await beat({ x: "y".repeat(70_000) }), 413, "body-too-large");
    assertRefused(
      await ask("POST", path, `${"[".repeat(30_000)}${"]".repeat(30_000)}`),
      400,
      "body-unreadable",
    );
    let nested: unknown = 0;
    for (let depth = 0; depth < 30; depth += 1) nested = { nested };
    assertRefused(await beat({ nested }), 400, "body-unreadable");
    for (const body of ["", "{", "[]", "null"])
      assertRefused(await ask("POST", path, body), 400, "body-unreadable");
  });

  it("says nothing of the token when it is refused", async () => {
    const { beat, store } = serve();
    const reply = await beat({ agent_version: undefined });

    assert.ok(!JSON.stringify(reply).includes(store.boot().token));
  });
});

describe("an inspection", () => {
  const inventory = { interfaces: [{ mac_address: MAC }], memory: { physical_mb: 4096 } };

  it("is kept, and answered with the node's UUID", async () => {
    const { ask, store } = serve();

    const reply = await ask("POST", "/v1/continue_inspection", {
      inventory,
      logs: "eA==",
      root_disk: { name: "/dev/sda" },
    });

    assert.deepEqual([reply.status, reply.body], [202, { uuid: UUID }]);
    assert.deepEqual(store.inspections, [
      { inventory, data: { root_disk: { name: "/dev/sda" } }, logs: "eA==", error: null },
    ]);
  });

  it("must have the node's MAC, each interface one, and come before the agent has reported", async () => {
    const { ask, beat } = serve();
    const post = (of: unknown): Promise<AgentReply> =>
      ask("POST", "/v1/continue_inspection", { inventory: of });

    assertRefused(await post({ interfaces: [{ mac_address: "52:54:00:00:00:00" }] }), 404, "other-machine");
    assertRefused(await post({ interfaces: [] }), 400, "body-unreadable");
    assertRefused(await post({ interfaces: [{ mac_address: MAC }, {}] }), 400, "body-unreadable");
    assertRefused(await ask("POST", "/v1/continue_inspection", []), 400, "body-unreadable");
    await beat();
    assertRefused(await post(inventory), 404, "window-closed");
  });
});

describe("what agents do not ask for", () => {
  it("is not there", async () => {
    const { ask } = serve();
    for (const [method, path] of [
      ["GET", "/v1"],
      ["GET", "/v1/nodes"],
      ["POST", "/v1/lookup"],
      ["GET", `/v1/heartbeat/${UUID}`],
      ["POST", "/v1/heartbeat/"],
      ["POST", `/v1/heartbeat/${UUID}/../x`],
    ] as const)
      assertRefused(await ask(method, path), 404, "no-such-path");
  });
});
