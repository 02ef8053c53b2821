import assert from "node:assert/strict";
import { join } from "node:path";
import type { Resolver } from "../../src/images/source/rules.ts";
import { type FileServer, startFileServer } from "./file-server.ts";
import { fetched, hex, makePlace, type Place, refused } from "./store-fixture.ts";

const CONTENT = Buffer.from("what only this machine may read");

/** A resolver that knows a few names. */
function resolver(names: Record<string, string[]>): Resolver {
  const find = (host: string, _options: unknown, done: (error: Error | null, found: unknown) => void) =>
    names[host] === undefined
      ? done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" }), [])
      : done(
          null,
          names[host].map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
        );
  return find as unknown as Resolver;
}

describe("an image server that may not be asked", () => {
  let place: Place;
  let server: FileServer;
  let port: string;
  beforeEach(async () => {
    place = await makePlace();
    server = await startFileServer(CONTENT);
    ({ port } = new URL(server.url));
  });
  afterEach(async () => {
    await server.stop();
    await place.end();
  });

  for (const host of [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "2130706433",
    "0x7f.1",
    "017700000001",
    "127.0.0.1.",
    "localhost",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "2852039166",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "100.100.100.200",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
  ])
    it(`is not asked at ${host}`, async () => {
      const request = { url: `http://${host}:${port}/x.iso`, checksum: null };
      for (const allow of [[], ["*"], ["/srv"]]) {
        const error = await refused(place.open({ allow }), request, "image-not-allowed");
        assert.equal(error.retryable, false);
      }
      assert.equal(server.requests.length, 0);
    });

  it("is not asked under a name that resolves to it, whoever gave the name", async () => {
    const resolve = resolver({
      "rebound.example": ["127.0.0.1"],
      "mapped.example": ["::ffff:127.0.0.1"],
      "metadata.example": ["169.254.169.254", "fd00:ec2::254"],
    });
    for (const host of ["rebound.example", "mapped.example", "metadata.example"])
      for (const allow of [[], [host], ["*.example"], ["10.0.0.0/8", host]]) {
        const store = place.open({ allow, resolve });
        const request = { url: `http://${host}:${port}/x.iso`, checksum: null };
        await refused(store, request, "image-not-allowed");
        await assert.rejects(store.checkSource(request), { code: "image-not-allowed" });
      }
    assert.equal(server.requests.length, 0);
  });

  it("is reached at those of a name's addresses that are allowed, and at no other", async () => {
    const resolve = resolver({ "both.example": ["169.254.169.254", "127.0.0.1"] });
    const store = place.open({ allow: ["127.0.0.0/8"], resolve });
    await fetched(store, { url: `http://both.example:${port}/x.iso`, checksum: null });
    assert.equal(server.requests.length, 1);
  });

  it("is not asked by a redirect, by address, by name or by another scheme", async () => {
    const other = await startFileServer(Buffer.from("secret"));
    const resolve = resolver({ "evil.example": ["169.254.169.254"], "own.example": ["127.0.0.2"] });
    const store = place.open({ allow: ["127.0.0.1", "*"], resolve });
    const request = { url: server.url, checksum: null };
    const { port: hidden } = new URL(other.url);
    for (const [to, code] of [
      ["http://169.254.169.254/latest/meta-data", "image-not-allowed"],
      [`http://[::ffff:127.0.0.2]:${hidden}/`, "image-not-allowed"],
      [`http://127.0.0.2:${hidden}/`, "image-not-allowed"],
      [`http://own.example:${hidden}/`, "image-not-allowed"],
      [`http://2130706434:${hidden}/`, "image-not-allowed"],
      ["http://0251.0376.0251.0376/latest/meta-data", "image-not-allowed"],
      ["http://evil.example/", "image-not-allowed"],
      [`http://user:canary@127.0.0.1:${hidden}/`, "image-not-allowed"],
      ["ftp://127.0.0.1/x", "image-not-allowed"],
      ["file:///etc/passwd", "image-unreachable"],
    ] as const) {
      server.redirectTo = to;
      const { message } = await refused(store, request, code);
      assert.ok(!message.includes("canary"), message);
    }
    assert.equal(other.requests.length, 0);
    await other.stop();
  });

  it("is not asked for a checksum file either", async () => {
    const store = place.open({ allow: ["10.0.0.0/8"] });
    const checksum = `http://169.254.169.254/SHA256SUMS`;
    await refused(store, { url: "http://10.0.0.1/x.iso", checksum }, "image-not-allowed");
    const allowed = place.open({ allow: ["127.0.0.1"] });
    server.redirectTo = "http://127.0.0.2/SHA256SUMS";
    await refused(allowed, { url: server.url, checksum: server.url }, "image-not-allowed");
  });

  it("is asked once its own network or localhost is named", async () => {
    const checksum = hex(CONTENT);
    for (const allow of [["127.0.0.0/8"], ["localhost"], ["localhost", "*"]]) {
      const host = allow[0] === "localhost" ? "localhost" : "127.0.0.1";
      const store = place.open({ allow, folder: join(place.folder, String(allow.length), host) });
      await fetched(store, { url: `http://${host}:${port}/x.iso`, checksum });
    }
    assert.equal(server.requests.length, 3);
  });

  it("is told at once when its name is not known, and is not asked again", async () => {
    const store = place.open({ resolve: resolver({}) });
    const error = await refused(
      store,
      { url: "http://no.example/x.iso", checksum: null },
      "image-unreachable",
    );
    assert.equal(error.retryable, false);
    assert.equal(error.message, "http://no.example/x.iso is on a host whose name is not known");
    assert.equal((error.cause as Error).message, "getaddrinfo ENOTFOUND no.example");
  });
});
