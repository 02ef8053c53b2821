import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { LocalImageStore } from "../../src/images/index.ts";
import { type FileServer, startFileServer } from "./file-server.ts";
import { fetched, hex, makePlace, type Place, refused } from "./store-fixture.ts";
import { until } from "../until.ts";

const CONTENT = randomBytes(300_000);

describe("an image from a web server", () => {
  let place: Place;
  let store: LocalImageStore;
  let server: FileServer;
  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
    server = await startFileServer(CONTENT);
  });
  afterEach(async () => {
    await server.stop();
    await place.end();
  });
  const ranges = (): (string | undefined)[] => server.requests.map(({ headers }) => headers.range);

  it("is read on where the connection was cut", async () => {
    server.cuts = [100_000, 50_000];
    const image = await fetched(store, { url: server.url, checksum: null });
    assert.equal(image.digest, `sha256:${hex(CONTENT)}`);
    assert.deepEqual(ranges(), [undefined, "bytes=100000-", "bytes=150000-"]);
    assert.equal(server.requests[1]?.headers["if-range"], '"one"');
  });

  it("is begun anew when it has changed since", async () => {
    server.cuts = [100_000];
    server.holdBodies();
    const fetching = fetched(store, { url: server.url, checksum: null });
    await until(() => server.requests.length !== 0);
    server.goOn();
    server.etag = '"two"';
    server.content = randomBytes(200_000);
    assert.equal((await fetching).digest, `sha256:${hex(server.content)}`);
  });

  it("is read on after the server was away for a moment", async () => {
    server.cuts = [100_000];
    server.statuses = [0, 503];
    assert.equal((await fetched(store, { url: server.url, checksum: null })).sizeBytes, CONTENT.length);
  });

  it("is given up when every connection is cut at once", async () => {
    server.cuts = Array.from({ length: 20 }, () => 0);
    const { retryable } = await refused(store, { url: server.url, checksum: null }, "image-unreachable");
    assert.equal(retryable, true);
    assert.ok(server.requests.length < 10, `${server.requests.length} requests`);
    assert.deepEqual(await place.files(), []);
  });

  it("is given up when it cannot be read on", async () => {
    server.acceptsRanges = false;
    server.cuts = [100_000];
    await refused(store, { url: server.url, checksum: null }, "image-unreachable");
    assert.equal(server.requests.length, 1);
  });

  for (const [status, code, retryable] of [
    [404, "image-not-found", false],
    [410, "image-not-found", false],
    [401, "image-access-denied", false],
    [403, "image-access-denied", false],
    [503, "image-unreachable", true],
    [400, "image-unreachable", false],
  ] as const)
    it(`is ${code} when the server answers ${status}`, async () => {
      server.statuses = [status, status];
      const error = await refused(store, { url: server.url, checksum: null }, code);
      assert.equal(error.retryable, retryable);
      await assert.rejects(store.checkSource({ url: server.url, checksum: null }), { code });
    });

  it("is unreachable when nobody listens", async () => {
    await server.stop();
    const error = await refused(store, { url: server.url, checksum: null }, "image-unreachable");
    assert.equal(error.retryable, true);
    assert.match(error.message, /disc.iso is on a host where nobody listens$/);
    assert.match((error.cause as Error).message, /ECONNREFUSED/);
    assert.equal((error.cause as Error).cause, undefined, "the cause is told once");
  });

  it("is unreachable for good where https is asked of a server without TLS", async () => {
    const url = server.url.replace("http:", "https:");
    const error = await refused(store, { url, checksum: null }, "image-unreachable");
    assert.equal(error.retryable, false);
    assert.match(error.message, /does not speak TLS as we do$/);
  });

  it("may have a name that makes no sense as an escape", async () => {
    const url = new URL("/images/100%.iso", server.url).href;
    const list = await startFileServer(Buffer.from(`${hex(CONTENT)}  100%.iso\n`));
    store.admit({ url, checksum: list.url });
    await fetched(store, { url, checksum: list.url });
    await list.stop();
  });

  it("is read with credentials that no other server gets to see", async () => {
    const other = await startFileServer(CONTENT);
    server.redirectTo = other.url;
    try {
      const auth = { username: "reader", password: "canary" };
      await fetched(store, { url: server.url, checksum: null, auth });
      const basic = `Basic ${Buffer.from("reader:canary").toString("base64")}`;
      assert.equal(server.requests[0]?.headers.authorization, basic);
      assert.equal(other.requests[0]?.headers.authorization, undefined);
    } finally {
      await other.stop();
    }
  });

  it("is not sought in a circle of redirects", async () => {
    server.redirectTo = server.url;
    await refused(store, { url: server.url, checksum: null }, "image-unreachable");
    assert.ok(server.requests.length <= 11);
  });

  it("is not taken from a URL with user info, and the refusal keeps it to itself", async () => {
    const url = server.url.replace("http://", "http://reader:canary@");
    const { message } = await refused(store, { url, checksum: null }, "image-not-allowed");
    assert.ok(!message.includes("canary"), message);
    assert.equal(server.requests.length, 0);
  });

  it("is taken only from hosts and networks that are allowed, once some are named", async () => {
    const { port } = new URL(server.url);
    const byName = { url: `http://localhost:${port}/x.iso`, checksum: null };
    const byAddress = { url: `http://127.0.0.1:${port}/x.iso`, checksum: null };
    await refused(place.open({ allow: ["mirror.example"] }), byAddress, "image-not-allowed");
    await refused(place.open({ allow: ["10.0.0.0/8"] }), byName, "image-not-allowed");
    await fetched(place.open({ allow: ["127.0.0.0/8", "::1"] }), byName, "dep_a");
    await fetched(place.open({ allow: ["localhost"] }), byName, "dep_b");
    await fetched(place.open({ allow: ["127.0.0.1", "*"] }), byAddress, "dep_c");
  });

  it("is looked at without being taken", async () => {
    const report = await store.checkSource({ url: server.url, checksum: null });
    assert.deepEqual(report, { sizeBytes: CONTENT.length, acceptsRanges: true, isStored: false });
    server.acceptsRanges = false;
    const other = await store.checkSource({ url: server.url, checksum: null });
    assert.deepEqual(other, { sizeBytes: CONTENT.length, acceptsRanges: false, isStored: false });
    assert.deepEqual(await place.files(), []);
  });
});

describe("an image from a file", () => {
  let place: Place;
  let store: LocalImageStore;
  let folder: string;
  beforeEach(async () => {
    place = await makePlace();
    folder = join(place.folder, "isos");
    await mkdir(folder);
    store = place.open({ allow: [folder], folder: join(place.folder, "store") });
    await writeFile(join(folder, "a.iso"), CONTENT);
  });
  afterEach(() => place.end());
  const request = (path: string): { url: string; checksum: null } => ({
    url: pathToFileURL(path).href,
    checksum: null,
  });

  it("is a copy, so that changing the file changes nothing that is served", async () => {
    const path = join(folder, "a.iso");
    const image = await fetched(store, request(path), "dep_1");
    assert.notEqual(image.path, path);
    await writeFile(path, "changed");
    const changed = await fetched(store, request(path), "dep_2");
    assert.equal(changed.digest, `sha256:${hex(Buffer.from("changed"))}`);
    assert.equal((await fetched(store, request(path), "dep_1")).digest, `sha256:${hex(CONTENT)}`);
  });

  it("is not taken for the old one when another was put in its place with the same size", async () => {
    const path = join(folder, "a.iso");
    await fetched(store, request(path), "dep_1");
    const other = randomBytes(CONTENT.length);
    await writeFile(join(folder, "new"), other);
    await rename(join(folder, "new"), path);
    assert.equal((await fetched(store, request(path), "dep_2")).digest, `sha256:${hex(other)}`);
  });

  it("is refused outside of the allowed folders, through links and dots too", async () => {
    await writeFile(join(place.folder, "secret"), "secret");
    await symlink(join(place.folder, "secret"), join(folder, "link.iso"));
    await symlink(place.folder, join(folder, "up"));
    await mkdir(`${folder}-not`);
    await writeFile(join(`${folder}-not`, "x.iso"), "x");
    for (const path of ["link.iso", "up/secret"])
      await refused(store, request(join(folder, path)), "image-not-allowed");
    await refused(store, { url: `file://${folder}/%2e%2e/secret`, checksum: null }, "image-not-allowed");
    await refused(store, request(join(`${folder}-not`, "x.iso")), "image-not-allowed");
    await refused(place.open(), request(join(folder, "a.iso")), "image-not-allowed");
  });

  it("is a plain file and nothing that never ends", async () => {
    const devices = place.open({ allow: ["/dev"], folder: join(place.folder, "store2") });
    await refused(devices, request("/dev/zero"), "image-not-allowed");
    await refused(store, request(folder), "image-not-allowed");
    execFileSync("mkfifo", [join(folder, "pipe")]);
    await refused(store, request(join(folder, "pipe")), "image-not-allowed");
    const socket = createServer().listen(join(folder, "socket"));
    await once(socket, "listening");
    await refused(store, request(join(folder, "socket")), "image-not-allowed");
    socket.close();
  });

  it("is not found where there is none", async () => {
    await refused(store, request(join(folder, "b.iso")), "image-not-found");
    for (const url of [
      "file://elsewhere/b.iso",
      `file://${folder}/100%`,
      `file://${folder}/a%00.iso`,
      `file://${folder}/a.iso/b`,
      `file://${folder}/${"long".repeat(100)}`,
    ]) {
      const { retryable, message } = await refused(store, { url, checksum: null }, "image-not-found");
      assert.equal(retryable, false);
      assert.doesNotMatch(message, /\p{Cc}/u);
    }
  });

  it("is looked at without being copied", async () => {
    const report = await store.checkSource(request(join(folder, "a.iso")));
    assert.deepEqual(report, { sizeBytes: CONTENT.length, acceptsRanges: true, isStored: false });
  });
});
