import assert from "node:assert/strict";
import { createServer, Refusal, Unreachable } from "../../src/web/page/server.ts";

type Asked = { path: string; init: RequestInit };

function serverThat(answer: () => Response | Promise<Response>) {
  const asked: Asked[] = [];
  let ended = 0;
  const fetch = (path: unknown, init: unknown) => {
    asked.push({ path, init } as Asked);
    return Promise.resolve(answer());
  };
  const server = createServer(fetch as typeof globalThis.fetch, () => (ended += 1));
  return { server, asked, ended: () => ended };
}
const problem = (status: number, code: string) =>
  Response.json(
    { code, detail: `no: ${code}`, hint: "do so" },
    { status, headers: { "content-type": "application/problem+json" } },
  );

describe("the dashboard's way to the API", () => {
  it("gives a refusal in the API's own words", async () => {
    const { server } = serverThat(() => problem(409, "node-busy"));
    await assert.rejects(server.post("/v1/deployments", {}), (error) => {
      assert.ok(error instanceof Refusal);
      assert.deepEqual(
        [error.status, error.code, error.message, error.hint],
        [409, "node-busy", "no: node-busy", "do so"],
      );
      return true;
    });
  });

  it("tells a server that is away from one that refuses", async () => {
    const { server } = serverThat(() => Promise.reject(new TypeError("fetch failed")));
    await assert.rejects(server.get("/v1/nodes"), Unreachable);
  });

  it("makes every change one that can be repeated, and no two the same", async () => {
    const { server, asked } = serverThat(() => Response.json({}));
    await server.post("/v1/deployments", {});
    await server.post("/v1/deployments", {});
    const keys = asked.map(({ init }) => (init.headers as Record<string, string>)["idempotency-key"]!);
    assert.match(keys[0]!, /^[0-9a-f]{32}$/);
    assert.notEqual(keys[0], keys[1]);
  });

  it("shows the token at the log-in alone", async () => {
    const { server, asked } = serverThat(() => Response.json({ signedIn: true }));
    await server.logIn("tl_canary");
    await server.get("/v1/nodes");
    assert.equal((await server.session()).signedIn, true);
    assert.equal(
      asked.filter(({ path, init }) => JSON.stringify([path, init]).includes("tl_canary")).length,
      1,
    );
  });

  it("says when the session has ended, but a wrong token ends none", async () => {
    const { server, ended } = serverThat(() => problem(401, "unauthorized"));
    await assert.rejects(server.logIn("tl_wrong"), Refusal);
    assert.equal(ended(), 0);
    await assert.rejects(server.get("/v1/nodes"), Refusal);
    assert.equal(ended(), 1);
  });
});
