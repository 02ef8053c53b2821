import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { LocalImageStore } from "../../src/images/index.ts";
import { type FileServer, startFileServer } from "./file-server.ts";
import { fetched, hex, makePlace, type Place, refused, settle } from "./store-fixture.ts";
import { until } from "../until.ts";

const CONTENT = randomBytes(300_000);

describe("an image store", () => {
  let place: Place;
  let store: LocalImageStore;
  let server: FileServer;
  const sha256 = `sha256:${hex(CONTENT)}`;
  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
    server = await startFileServer(CONTENT);
  });
  afterEach(async () => {
    await server.stop();
    await place.end();
  });

  it("keeps a verified, read-only copy under its digest", async () => {
    const image = await fetched(store, { url: server.url, checksum: sha256 });
    assert.equal(image.digest, sha256);
    assert.equal(image.sizeBytes, CONTENT.length);
    assert.ok((await readFile(image.path)).equals(CONTENT));
    assert.equal((await stat(image.path)).mode & 0o777, 0o444);
    assert.deepEqual(await store.find(sha256), image);
    assert.deepEqual(await place.files(), [hex(CONTENT)]);
  });

  it("says how far a fetch is, and does not wait for it", async () => {
    server.holdBodies();
    const first = await store.ensure({ url: server.url, checksum: null }, "dep_1", () => {});
    assert.deepEqual(first, { state: "fetching", bytesRead: 0, sizeBytes: null });
    server.goOn();
    await fetched(store, { url: server.url, checksum: null });
  });

  it("fetches once for however many want the same", async () => {
    const request = { url: server.url, checksum: sha256 };
    const holders = Array.from({ length: 50 }, (_, index) => `dep_${index}`);
    const images = await Promise.all(holders.map((holder) => fetched(store, request, holder)));
    assert.equal(new Set(images.map((image) => image.path)).size, 1);
    assert.equal(server.requests.length, 1);
  });

  it("asks nobody for bytes that it has", async () => {
    await fetched(store, { url: server.url, checksum: sha256 });
    await server.stop();
    const image = await fetched(
      store,
      { url: "http://127.0.0.1:9/elsewhere", checksum: hex(CONTENT) },
      "dep_2",
    );
    assert.equal(image.digest, sha256);
  });

  it("knows bytes again by any digest that it has checked, after a restart too", async () => {
    const checksum = `sha512:${hex(CONTENT, "sha512")}`;
    await fetched(store, { url: server.url, checksum });
    await store.close();
    const image = await fetched(place.open(), { url: server.url, checksum: checksum.toUpperCase() }, "dep_2");
    assert.equal(image.digest, sha256);
    assert.equal(server.requests.length, 1);
  });

  it("fetches again what somebody removed from its folder by hand, and counts it no longer until then", async () => {
    const request = { url: server.url, checksum: sha256 };
    const { path } = await fetched(store, request);
    await rm(path);
    assert.equal(await store.find(sha256), undefined);
    assert.deepEqual(await store.list(), { ...(await store.list()), images: [], usedBytes: 0 });
    assert.deepEqual((await fetched(store, request)).path, path);
    assert.ok((await readFile(path)).equals(CONTENT));
    assert.equal(server.requests.length, 2);
  });

  it("takes the checksum from the distribution's own list", async () => {
    const list = await startFileServer(
      Buffer.from(`${"0".repeat(64)}  other.iso\n${hex(CONTENT)} *disc.iso\n`),
    );
    try {
      const image = await fetched(store, { url: server.url, checksum: list.url });
      assert.equal(image.digest, sha256);
      list.content = Buffer.from(`${"0".repeat(64)}  disc.iso\n`);
      const error = await settle(store, { url: server.url, checksum: list.url }, "dep_2");
      assert.ok(error instanceof Error);
      assert.match(error.message, /0{64} was asked for/);
    } finally {
      await list.stop();
    }
  });

  it("keeps nothing that is not what was asked for, and names both digests", async () => {
    const wanted = hex(Buffer.from("other"));
    const { message, retryable } = await refused(
      store,
      { url: `${server.url}?token=canary`, checksum: wanted },
      "image-checksum-mismatch",
    );
    assert.ok(message.includes(wanted) && message.includes(hex(CONTENT)), message);
    assert.ok(!message.includes("canary"), message);
    assert.equal(retryable, false);
    assert.deepEqual(await place.files(), []);
  });

  it("refuses what is no checksum before it asks anybody", async () => {
    await refused(store, { url: server.url, checksum: "sha256:abc" }, "checksum-invalid");
    assert.equal(server.requests.length, 0);
  });

  it("tells each who waited of a failure once, and then begins anew", async () => {
    server.statuses = [503];
    const request = { url: server.url, checksum: sha256 };
    const [one, two] = await Promise.all([settle(store, request, "dep_1"), settle(store, request, "dep_2")]);
    assert.ok(one instanceof Error);
    assert.match(one.message, /was answered 503/);
    assert.equal(one, two);
    assert.equal((await fetched(store, request, "dep_1")).digest, sha256);
  });

  it("asks whether a copy without a checksum is still what the source has", async () => {
    const request = { url: server.url, checksum: null };
    await fetched(store, request, "dep_1");
    await fetched(store, request, "dep_2");
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["if-none-match"]),
      [undefined, '"one"'],
    );
    server.etag = '"two"';
    server.content = randomBytes(1000);
    assert.equal((await fetched(store, request, "dep_3")).sizeBytes, 1000);
    assert.equal((await fetched(store, request, "dep_1")).digest, sha256, "whoever holds a copy keeps it");
  });

  it("does not ask again what the source has just said to the same holder", async () => {
    const request = { url: server.url, checksum: null };
    await fetched(store, request, "dep_1");
    await store.checkSource(request, "dep_2");
    await fetched(store, request, "dep_2");
    assert.equal(server.requests.length, 2);
    await fetched(store, request, "dep_3");
    assert.equal(server.requests.length, 3, "what was said to one is no news for another");

    server.etag = '"two"';
    server.content = randomBytes(1000);
    await store.checkSource(request, "dep_4");
    assert.equal((await fetched(store, request, "dep_4")).sizeBytes, 1000);
  });

  it("waits a moment where a source is only asked for news, and no longer when there are any", async () => {
    const request = { url: server.url, checksum: null };
    await fetched(store, request, "dep_1");
    const patient = place.open({ questionMs: 3_600_000 });
    const same = await patient.ensure(request, "dep_2", () => assert.fail("nothing was left to settle"));
    assert.equal(same.state, "ready");
    server.etag = '"two"';
    server.content = randomBytes(1000);
    server.holdBodies();
    const { promise, resolve } = Promise.withResolvers<void>();
    assert.equal((await store.ensure(request, "dep_3", resolve)).state, "fetching");
    server.goOn();
    await promise;
    assert.equal((await fetched(store, request, "dep_3")).sizeBytes, 1000);
  });

  it("fetches anew what nothing tells from an older version", async () => {
    server.etag = 'W/"weak"';
    const request = { url: server.url, checksum: null };
    await fetched(store, request, "dep_1");
    server.content = randomBytes(1000);
    assert.equal((await fetched(store, request, "dep_2")).sizeBytes, 1000);
  });

  it("ends a fetch that nobody wants any more, and begins anew for the next", async () => {
    server.holdBodies();
    const request = { url: server.url, checksum: sha256 };
    await store.ensure(request, "dep_1", () => assert.fail("was told after it had gone"));
    await until(() => server.requests.length !== 0);
    await store.release("dep_1");
    server.goOn();
    assert.equal((await fetched(store, request, "dep_2")).digest, sha256);
  });

  it("removes what a crash left, and leaves what another process writes", async () => {
    const host = hostname().replaceAll(/[^a-z0-9]/gi, "");
    const own = `part-${host}-${process.pid}-7`;
    const others = `part-${host}-${process.ppid}-7`;
    await writeFile(join(place.folder, own), "half");
    await utimes(join(place.folder, own), 1, Date.now() / 1000 - process.uptime() - 60);
    await writeFile(join(place.folder, others), "half");
    await store.find(sha256);
    assert.deepEqual(await place.files(), [others]);
  });

  it("still knows after a restart who holds what", async () => {
    await fetched(store, { url: server.url, checksum: sha256 }, "dep_7");
    await store.close();
    assert.deepEqual(await place.open().holders(), ["dep_7"]);
  });
});

describe("an image store that is full", () => {
  let place: Place;
  let servers: FileServer[];
  let now = 0;
  beforeEach(async () => {
    place = await makePlace();
    servers = [];
    for (let index = 0; index < 3; index += 1) servers.push(await startFileServer(randomBytes(1000)));
  });
  afterEach(async () => {
    for (const server of servers) await server.stop();
    await place.end();
  });
  const wish = (index: number): { url: string; checksum: string } => {
    const { url, content } = servers[index]!;
    return { url, checksum: hex(content) };
  };
  const opened = (): LocalImageStore => place.open({ capBytes: 2500, clock: () => (now += 1000) });

  it("lets go of what was unused longest, and never of what is held", async () => {
    const store = opened();
    await fetched(store, wish(0), "dep_0");
    await fetched(store, wish(1), "dep_1");
    await store.release("dep_1");
    await fetched(store, wish(2), "dep_2");
    assert.deepEqual((await place.files()).sort(), [wish(0).checksum, wish(2).checksum].sort());
  });

  it("says so when everything in it is held, and takes more as soon as something is released", async () => {
    const store = opened();
    await fetched(store, wish(0), "dep_0");
    await fetched(store, wish(1), "dep_1");
    const { retryable } = await refused(store, wish(2), "image-store-full");
    assert.equal(retryable, true);
    await store.release("dep_0");
    await fetched(store, wish(2), "dep_2");
    assert.deepEqual((await place.files()).sort(), [wish(1).checksum, wish(2).checksum].sort());
  });

  it("holds after a restart what it held before", async () => {
    const first = opened();
    await fetched(first, wish(0), "dep_0");
    await fetched(first, wish(1), "dep_1");
    await first.close();
    await refused(opened(), wish(2), "image-store-full");
  });

  it("refuses at once what is larger than all of it", async () => {
    servers[0]!.content = randomBytes(3000);
    const error = await refused(opened(), { url: servers[0]!.url, checksum: null }, "image-too-large");
    assert.equal(error.retryable, false);
    assert.deepEqual(await place.files(), []);
  });
});
