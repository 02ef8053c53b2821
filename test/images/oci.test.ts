import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { ImageStoreOptions, LocalImageStore } from "../../src/images/index.ts";
import { startFileServer } from "./file-server.ts";
import {
  addArtefact,
  addIndex,
  type FaultyRegistry,
  sha256,
  startFaultyRegistry,
} from "./faulty-registry.ts";
import { fetched, hex, makePlace, type Place, refused } from "./store-fixture.ts";

const CONTENT = randomBytes(300_000);

describe("an image from a registry", () => {
  let place: Place;
  let registry: FaultyRegistry;
  let store: LocalImageStore;
  const open = (changes: Partial<ImageStoreOptions> = {}): LocalImageStore =>
    place.open({ oci: { plainHttp: [registry.host] }, ...changes });
  const request = (rest = ":v1"): { url: string; checksum: null } => ({
    url: `oci://${registry.host}/some/image${rest}`,
    checksum: null,
  });
  const blobRequests = (): number => registry.requests.filter(({ url }) => url.includes("/blobs/")).length;
  beforeEach(async () => {
    place = await makePlace();
    registry = await startFaultyRegistry();
    store = open();
  });
  afterEach(async () => {
    await registry.stop();
    await place.end();
  });

  it("is the only layer of its artefact, by tag, by digest, and by both", async () => {
    const { digest } = addArtefact(registry, [{ content: CONTENT, title: "disc.iso" }], { tag: "v1" });
    for (const [index, rest] of [":v1", `@${digest}`, `:v1@${digest}`, `:gone@${digest}`].entries())
      assert.equal((await fetched(store, request(rest), `dep_${index}`)).digest, sha256(CONTENT));
    assert.equal(blobRequests(), 1, "the same digest is not downloaded again");
  });

  it("is pinned to what its tag leads to now, and is that later too", async () => {
    const { digest } = addArtefact(registry, [{ content: CONTENT }], { tag: "latest" });
    const pinned = await store.resolve(request(""));
    const url = `oci://${registry.host}/some/image:latest@${digest}`;
    assert.deepEqual(pinned, { url, digest, sizeBytes: CONTENT.length });
    assert.deepEqual(await store.resolve({ url, checksum: null }), pinned);

    const newer = randomBytes(1000);
    addArtefact(registry, [{ content: newer }], { tag: "latest" });
    assert.equal((await fetched(store, { url, checksum: null }, "dep_1")).digest, sha256(CONTENT));
    assert.equal((await fetched(store, request(""), "dep_2")).digest, sha256(newer));
  });

  it("needs no registry any more once it is here and pinned", async () => {
    const { digest } = addArtefact(registry, [
      { content: gzipSync(CONTENT), type: "application/x.disk+gzip" },
    ]);
    await fetched(store, request(`@${digest}`), "dep_1");
    await registry.stop();
    assert.equal((await fetched(store, request(`@${digest}`), "dep_2")).digest, sha256(CONTENT));
  });

  it("is the one for the node's architecture, in OCI's and in Docker's words", async () => {
    const [amd, arm] = [randomBytes(10), randomBytes(20)];
    const entries = {
      unknown: `sha256:${"0".repeat(64)}`,
      arm64: addArtefact(registry, [{ content: arm }]).digest,
      amd64: addArtefact(registry, [{ content: amd }], {
        type: "application/vnd.docker.distribution.manifest.v2+json",
      }).digest,
    };
    addIndex(registry, entries, { tag: "v1" });
    addIndex(registry, entries, {
      tag: "v2",
      type: "application/vnd.docker.distribution.manifest.list.v2+json",
    });
    for (const tag of [":v1", ":v2"]) {
      const x86 = await fetched(store, { ...request(tag), arch: "x86_64" }, `dep_${tag}1`);
      const arm64 = await fetched(store, { ...request(tag), arch: "aarch64" }, `dep_${tag}2`);
      assert.deepEqual([x86.digest, arm64.digest], [sha256(amd), sha256(arm)]);
      const { hint } = await refused(store, request(tag), "image-not-found");
      assert.match(hint!, /arm64, amd64/);
    }
    addIndex(registry, { amd64: entries.amd64, s390x: entries.arm64 }, { tag: "v3" });
    await refused(store, { ...request(":v3"), arch: "aarch64" }, "image-not-found");
  });

  it("is chosen by its title among several, and the refusal names them", async () => {
    const [kernel, ramdisk] = [randomBytes(100), randomBytes(200)];
    const files = [
      { content: kernel, title: "vmlinuz" },
      { content: ramdisk, title: "initrd" },
    ];
    addArtefact(registry, files, { tag: "v1" });
    const two = await fetched(store, { ...request(), member: "initrd" }, "dep_1");
    const one = await fetched(store, { ...request(), member: "vmlinuz" }, "dep_2");
    assert.deepEqual([one.digest, two.digest], [sha256(kernel), sha256(ramdisk)]);
    assert.match((await refused(store, request(), "image-member-not-found")).hint!, /vmlinuz, initrd/);
    await refused(store, { ...request(), member: "rootfs" }, "image-member-not-found");
    addArtefact(registry, [{ content: kernel }, { content: ramdisk }], { tag: "v2" });
    for (const member of [{}, { member: "initrd" }]) {
      const { hint } = await refused(store, { ...request(":v2"), ...member }, "image-member-not-found");
      assert.match(hint!, /each with a name \(org\.opencontainers/);
    }
  });

  for (const [packing, pack] of [
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const) {
    it(`is unpacked where its layer's type says ${packing}, and only then`, async () => {
      const packed = pack(CONTENT);
      addArtefact(registry, [{ content: packed, type: `application/vnd.x.disk+${packing}` }], { tag: "v1" });
      addArtefact(registry, [{ content: packed, type: `application/${packing}` }], { tag: "v2" });
      registry.cuts = [1000, 100_000];
      const image = await fetched(store, request(":v1"), "dep_1");
      assert.ok((await readFile(image.path)).equals(CONTENT));
      assert.equal((await fetched(store, request(":v2"), "dep_2")).digest, sha256(packed));
      await fetched(store, request(":v1"), "dep_3");
      assert.equal(blobRequests(), 3, "two cuts, and all else is known");
    });

    it(`is refused when it is no ${packing} file, or a longer one than may be`, async () => {
      const type = `application/vnd.x.disk+${packing}`;
      addArtefact(registry, [{ content: CONTENT, type }], { tag: "v1" });
      await refused(store, request(), "image-format-mismatch");
      addArtefact(registry, [{ content: pack(CONTENT).subarray(0, -100), type }], { tag: "v2" });
      await refused(store, request(":v2"), "image-format-mismatch");
      addArtefact(registry, [{ content: pack(Buffer.alloc(5_000_000)), type }], { tag: "v3" });
      await refused(open({ limits: { maxBytes: 1_000_000 } }), request(":v3"), "image-too-large");
    });
  }

  it("is refused when blob or manifest are not what their digests say, and nothing of it stays", async () => {
    const { digest, layers } = addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    registry.falsify(layers[0]!, randomBytes(CONTENT.length));
    await refused(store, request(), "image-checksum-mismatch");
    assert.deepEqual(await place.files(), []);
    registry.falsify(digest, Buffer.from("{}"));
    await refused(store, request(`@${digest}`), "image-checksum-mismatch");
    await assert.rejects(store.resolve(request(`@${digest}`)), { code: "image-checksum-mismatch" });
  });

  it("must also have the checksum that was asked for", async () => {
    addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    const url = request().url;
    await refused(store, { url, checksum: "0".repeat(64) }, "image-checksum-mismatch");
    await refused(store, { url, checksum: "0".repeat(128) }, "image-checksum-mismatch");
    await fetched(store, { url, checksum: hex(CONTENT, "sha512") });
  });

  it("satisfies a demand for checksums by its digest, not by its tag", async () => {
    const { digest } = addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    const strict = open({ checksums: { isRequired: true } });
    await refused(strict, request(), "checksum-required");
    await fetched(strict, request(`@${digest}`));
  });

  it("is read on with a new token when the first has ended, and waited for where the registry is busy", async () => {
    addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    registry.tokens = { login: null, uses: 2 };
    registry.cuts = [50_000, 50_000, 50_000];
    registry.statuses = [429];
    const begunAt = performance.now();
    assert.equal((await fetched(store, request())).digest, sha256(CONTENT));
    assert.ok(performance.now() - begunAt > 950, "did not wait as it was asked to");
    const tokens = registry.requests.filter(({ url }) => url.startsWith("/token"));
    assert.equal(tokens.length, 3);
    assert.equal(tokens[0]!.url, "/token?service=faulty&scope=repository%3Asome%2Fimage%3Apull");
    const ranges = registry.requests
      .map(({ headers }) => headers.range)
      .filter((range) => range !== undefined);
    assert.ok(ranges.length >= 3 && ranges.includes("bytes=50000-"), ranges.join());
  });

  it("is got with the credentials of the request, and refused without", async () => {
    addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    const auth = { username: "reader", password: "canary" };
    registry.tokens = { login: "reader:canary", uses: 9 };
    const { message } = await refused(
      store,
      { ...request(), auth: { ...auth, password: "wrong-canary" } },
      "image-access-denied",
    );
    assert.ok(!message.includes("canary"), message);
    await refused(store, request(), "image-access-denied");
    await fetched(store, { ...request(), auth });
    registry.tokens = null;
    registry.basic = "reader:canary";
    await refused(open(), request(), "image-access-denied");
    await fetched(open({ folder: join(place.folder, "b") }), { ...request(), auth });
  });

  it("is got with the credentials that Docker's file has for the longest place", async () => {
    addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    const authFile = join(place.folder, "config.json");
    const auths = {
      [`https://${registry.host}/v2/`]: { auth: btoa("other:wrong") },
      [`${registry.host}/some`]: { auth: btoa("reader:canary") },
    };
    await writeFile(authFile, JSON.stringify({ auths, credsStore: "desktop" }));
    const known = open({ oci: { plainHttp: [registry.host], authFile } });
    registry.basic = "reader:canary";
    await fetched(known, request());
    await writeFile(authFile, "canary");
    const { message } = await refused(known, request(":v2"), "image-access-denied");
    assert.ok(!message.includes("canary"), message);
  });

  it("shows its credentials to nobody whom the registry sends us to", async () => {
    const storage = await startFaultyRegistry();
    addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    storage.addBlob(CONTENT);
    registry.storage = `http://${storage.host}`;
    registry.basic = "reader:canary";
    await fetched(store, { ...request(), auth: { username: "reader", password: "canary" } });
    assert.equal(storage.requests.length, 1);
    assert.equal(storage.requests[0]!.headers.authorization, undefined);
    await storage.stop();
  });

  it("is not got by asking forbidden places for tokens or blobs", async () => {
    addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    registry.storage = "http://169.254.169.254";
    await refused(store, request(), "image-not-allowed");
    registry.tokens = { login: null, uses: 9 };
    registry.realm = "http://169.254.169.254/token";
    await refused(store, request(), "image-not-allowed");
    await refused(open({ allow: ["10.0.0.0/8"] }), request(), "image-not-allowed");
    await refused(open({ allow: [] }), request(), "image-not-allowed");
    assert.throws(() => open({ allow: [] }).admit(request()), { code: "image-not-allowed" });
  });

  it("comes from a mirror first, and from its own registry where the mirror has it not", async () => {
    const mirror = await startFaultyRegistry();
    const { digest } = addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    addArtefact(mirror, [{ content: CONTENT }], { tag: "v1" });
    const mirrors = [{ from: `${registry.host}/some`, to: `http://${mirror.host}/quay` }];
    const mirrored = (folder: string): LocalImageStore =>
      open({ folder: join(place.folder, folder), oci: { plainHttp: [registry.host], mirrors } });
    registry.basic = "reader:canary";
    const auth = { username: "reader", password: "canary" };
    await fetched(mirrored("a"), { ...request(), auth });
    assert.deepEqual(registry.requests, []);
    assert.ok(mirror.requests.every(({ url }) => url.startsWith("/v2/quay/image/")));
    assert.ok(mirror.requests.every(({ headers }) => headers.authorization === undefined));

    mirror.basic = "somebody:else";
    await fetched(mirrored("d"), { ...request(), auth });
    assert.ok(mirror.requests.every(({ headers }) => headers.authorization === undefined));
    mirror.basic = null;

    mirror.falsify(digest, Buffer.from("{}"));
    await fetched(mirrored("b"), { ...request(`@${digest}`), auth });
    assert.ok(registry.requests.length > 0, "the registry was not asked when the mirror lied");
    await mirror.stop();
    await fetched(mirrored("c"), { ...request(), auth });
  });

  it("comes from its own registry where a mirror sends something else, of whatever length", async () => {
    const lies = [randomBytes(CONTENT.length), CONTENT.subarray(0, 1000), Buffer.concat([CONTENT, CONTENT])];
    for (const [index, lie] of lies.entries()) {
      const mirror = await startFaultyRegistry();
      for (const one of [mirror, registry]) addArtefact(one, [{ content: CONTENT }], { tag: "v1" });
      mirror.falsify(sha256(CONTENT), lie);
      const mirrors = [{ from: registry.host, to: `http://${mirror.host}` }];
      const folder = join(place.folder, `lie-${index}`);
      const mirrored = open({ folder, oci: { plainHttp: [registry.host], mirrors } });
      assert.equal((await fetched(mirrored, request())).digest, sha256(CONTENT));
      assert.ok(
        mirror.requests.some(({ url }) => url.includes("/blobs/")),
        "the mirror was not asked",
      );
      await mirror.stop();
    }
    assert.equal(blobRequests(), lies.length);
  });

  it("is nothing where its registry sends something else, and is not asked for without end", async () => {
    addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    registry.falsify(sha256(CONTENT), randomBytes(CONTENT.length));
    await refused(store, request(), "image-checksum-mismatch");
    assert.equal(blobRequests(), 1);
  });

  it("is refused for words that name nothing in a registry", async () => {
    for (const rest of [
      "",
      "/",
      "/Big",
      "/a:",
      "/a@sha256:00",
      "/a?b=c",
      "/../a",
      "/a//b",
      "/a@md5:00",
      "/a:b:c",
    ])
      await refused(store, { url: `oci://${registry.host}${rest}`, checksum: null }, "image-not-allowed");
    await refused(store, { url: `oci://u:canary@${registry.host}/a`, checksum: null }, "image-not-allowed");
    assert.equal(registry.requests.length, 0);
  });

  it("is refused where manifests lead nowhere", async () => {
    registry.addManifest({ mediaType: "application/vnd.oci.image.index.v1+json" }, "v1");
    registry.addManifest({ mediaType: "text/html" }, "v2");
    registry.addManifest({ mediaType: "application/vnd.oci.image.manifest.v1+json", layers: [{}] }, "v3");
    for (const tag of [":v1", ":v2", ":v3", ":gone"]) await refused(store, request(tag), "image-not-found");
    addArtefact(registry, [], { tag: "v5" });
    await refused(store, request(":v5"), "image-member-not-found");
    const deep = addIndex(
      registry,
      { amd64: addIndex(registry, { amd64: addIndex(registry, {}) }) },
      { tag: "v6" },
    );
    assert.match(deep, /^sha256:/);
    await refused(store, { ...request(":v6"), arch: "x86_64" }, "image-not-found");
  });

  it("is not sought over plain HTTP unless that was said, nor behind a redirect to another scheme", async () => {
    addArtefact(registry, [{ content: CONTENT }], { tag: "v1" });
    await refused(place.open(), request(), "image-unreachable");
    const web = await startFileServer(CONTENT);
    web.redirectTo = request().url;
    await refused(store, { url: web.url, checksum: null }, "image-not-allowed");
    await web.stop();
  });
});
