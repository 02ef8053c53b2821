import assert from "node:assert/strict";
import type { Page, PageFile } from "../../src/api/index.ts";
import { startApi, stopAll } from "./fixture.ts";

const file = (text: string, isForever: boolean): PageFile => ({
  contentType: "text/html; charset=utf-8",
  etag: `"${text}"`,
  isForever,
  bodies: { identity: Buffer.from(text), gzip: Buffer.from(`gzip ${text}`), br: Buffer.from(`br ${text}`) },
});

const PAGE: Page = {
  views: ["/", "/nodes/:id"],
  files: async () =>
    new Map([
      ["/", file("page", false)],
      ["/assets/a-1.js", file("script", true)],
    ]),
};

describe("the dashboard's page over the API", () => {
  afterEach(stopAll);

  const start = async () => {
    const { url } = await startApi({ page: PAGE });
    // Without a client that opens what is packed.
    return (path: string, headers: Record<string, string> = {}) =>
      fetch(url + path, { headers: { "accept-encoding": "identity", ...headers } });
  };

  it("is shown at each of its views, to anybody, and asked for anew", async () => {
    const get = await start();
    for (const path of ["/", "/nodes/node_1?page=2"]) {
      const reply = await get(path);
      assert.deepEqual([reply.status, await reply.text()], [200, "page"], path);
      assert.equal(reply.headers.get("cache-control"), "no-cache");
    }
    assert.equal((await get("/", { "if-none-match": '"page"' })).status, 304);
  });

  it("comes packed as the browser likes it, and its parts are kept for ever", async () => {
    const get = await start();
    const reply = await get("/assets/a-1.js");
    assert.equal(await reply.text(), "script");
    assert.match(reply.headers.get("cache-control")!, /immutable/);
    const packed = await get("/", { "accept-encoding": "gzip;q=0, br;q=0, *;q=0, identity" });
    assert.equal(packed.headers.get("content-encoding"), null);
    for (const [accepted, given] of [
      ["gzip", "gzip"],
      ["gzip, deflate, br", "br"],
    ] as const) {
      const head = await get("/", { "accept-encoding": accepted });
      assert.equal(head.headers.get("content-encoding"), given);
      await head.body?.cancel().catch(() => undefined);
    }
  });

  it("tells a browser of a place that is not there, and programs by a problem", async () => {
    const get = await start();
    const accept = "text/html,application/xhtml+xml,*/*;q=0.8";
    const reply = await get("/nodez", { accept, "if-none-match": '"page"' });
    assert.deepEqual([reply.status, await reply.text()], [404, "page"]);
    for (const [path, headers] of [
      ["/nodez", {}],
      ["/v1/nodez", { accept }],
      ["/assets/b-2.js", { accept }],
    ] as const) {
      const refusal = await get(path, headers);
      assert.equal(refusal.status, 404, path);
      assert.equal(((await refusal.json()) as { code: string }).code, "route-not-found", path);
    }
    assert.equal(
      (await get("/healthz", { accept })).headers.get("content-type"),
      "application/json; charset=utf-8",
    );
  });

  it("may load and reach nothing but its own origin, and cannot be framed", async () => {
    const get = await start();
    const policy = (await get("/")).headers.get("content-security-policy")!;
    assert.match(policy, /^default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/);
  });

  it("has no files but its own, and is not there without one", async () => {
    const get = await start();
    assert.equal((await get("/assets/b.js")).status, 404);
    const { url } = await startApi();
    assert.equal((await fetch(url)).status, 404);
  });
});
