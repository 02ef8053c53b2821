import assert from "node:assert/strict";
import { allDeployments, createClient, TrayloadError, untilFinal } from "../../src/client/index.ts";
import { failRecord, finish, type Running, startApi, stopAll, TOKEN } from "../api/fixture.ts";

describe("the typed client", () => {
  afterEach(stopAll);

  const NODE = {
    name: "rack1-u07",
    bmc: { address: "https://10.0.7.21", username: "root", password: "secret" },
    labels: { "x.io/role": "worker & more" },
  };
  const ISO = { iso: { url: "https://images.example/installer.iso" } };

  async function start(): Promise<Running & { client: ReturnType<typeof createClient> }> {
    const api = await startApi();
    const client = createClient({ url: `${api.url}/`, token: TOKEN });
    await client.call("POST /v1/nodes", { body: NODE });
    return { ...api, client };
  }

  it("adds a node, deploys it and waits for its end", async () => {
    const { client, records } = await start();
    const body = { node: NODE.name, boot: ISO, labels: { wave: "1" } };
    const { id, state } = await client.call("POST /v1/deployments", { body });
    assert.equal(state, "queued");
    const seen: string[] = [];
    const ended = untilFinal(client, id, { onChange: (view) => seen.push(view.state) });
    setTimeout(() => finish(records, id), 50);
    assert.equal((await ended).state, "succeeded");
    assert.equal(seen[0], "queued");
    assert.equal(seen.at(-1), "succeeded");
  });

  it("writes what stands in paths and queries as the API reads it", async () => {
    const { client } = await start();
    const node = await client.call("GET /v1/nodes/{id}", { params: { id: NODE.name } });
    assert.equal(node.name, NODE.name);
    const query = { label: ["x.io/role:worker & more"], state: ["deployable" as const, "failed" as const] };
    assert.equal((await client.call("GET /v1/nodes", { query })).total, 1);
    const odd = client.call("GET /v1/nodes/{id}", { params: { id: "a/b?c" } });
    await assert.rejects(odd, (error: TrayloadError) => error.code === "node-not-found");
  });

  it("lists over pages", async () => {
    const { client, records } = await start();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const { id } = await client.call("POST /v1/deployments", { body: { node: NODE.name, boot: ISO } });
      failRecord(records, id);
      ids.push(id);
    }
    const found: string[] = [];
    for await (const { id, state } of allDeployments(client, { limit: 2, fields: ["state"] })) {
      assert.equal(state, "failed");
      found.push(id);
    }
    // Of one millisecond the newest is not known.
    assert.deepEqual(found, ids.toSorted().toReversed());
  });

  it("throws the API's own words", async () => {
    const { client, url } = await start();
    const wrong = client.call("POST /v1/deployments", {
      // @ts-expect-error: the compiler sees it, too
      body: { node: NODE.name, boot: ISO, finish: "soon" },
    });
    await assert.rejects(wrong, (error: unknown) => {
      assert.ok(error instanceof TrayloadError);
      assert.deepEqual([error.status, error.code], [422, "invalid-field"]);
      assert.equal(error.problem.errors?.[0]?.path, "finish");
      assert.match(error.message, /^POST \/v1\/deployments was answered 422: finish: /);
      return true;
    });
    const stranger = createClient({ url, token: "tl_wrong" }).call("GET /v1/tokens");
    await assert.rejects(stranger, (error: TrayloadError) => error.code === "unauthorized");
  });

  it("says when asking again may help, and who else answered", async () => {
    const answering = (status: number, body: string, headers: Record<string, string>) =>
      createClient({
        url: "http://proxy.example",
        fetch: async () => new Response(body, { status, headers }),
      });
    const busy = answering(429, '{"code":"too-many-requests"}', {
      "content-type": "application/problem+json",
      "retry-after": "10",
    });
    await assert.rejects(busy.call("GET /v1/nodes"), (error: TrayloadError) => error.retryAfterMs === 10_000);
    const proxy = answering(502, "<html>", { "content-type": "text/html" });
    await assert.rejects(proxy.call("GET /v1/nodes"), (error: TrayloadError) => error.code === "unknown");
  });

  it("asks twice and does once, by an idempotency key", async () => {
    const { client } = await start();
    const given = { body: { node: NODE.name, boot: ISO }, idempotencyKey: "one-intent" };
    const [first, second] = [
      await client.call("POST /v1/deployments", given),
      await client.call("POST /v1/deployments", given),
    ];
    assert.equal(first.id, second.id);
  });

  it("gives nothing for nothing, and text as bytes", async () => {
    const { client } = await start();
    const token = await client.call("POST /v1/tokens", { body: { name: "x", role: "viewer" } });
    assert.equal(await client.call("DELETE /v1/tokens/{id}", { params: { id: token.id } }), undefined);
    const page = await client.call("GET /docs");
    assert.match(new TextDecoder().decode(page), /^<!doctype html>/i);
  });

  it("needs what a request needs, which the compiler sees", () => {
    const client = createClient({ url: "http://api.example", fetch: async () => new Response() });
    // @ts-expect-error: no body
    void client.call("POST /v1/nodes").catch(() => undefined);
    // @ts-expect-error: no id
    void client.call("GET /v1/nodes/{id}", { params: {} }).catch(() => undefined);
    // @ts-expect-error: no such request
    void client.call("GET /v1/colours").catch(() => undefined);
  });
});
