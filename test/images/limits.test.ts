import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type FileServer, startFileServer } from "./file-server.ts";
import { fetched, hex, makePlace, type Place, refused } from "./store-fixture.ts";

const CONTENT = randomBytes(300_000);

describe("the limits of a fetch", () => {
  let place: Place;
  let server: FileServer;
  beforeEach(async () => {
    place = await makePlace();
    server = await startFileServer(CONTENT);
  });
  afterEach(async () => {
    await server.stop();
    await place.end();
  });
  const request = (): { url: string; checksum: null } => ({ url: server.url, checksum: null });

  it("hold for its size, announced or not", async () => {
    const store = place.open({ limits: { maxBytes: 299_999 } });
    await refused(store, request(), "image-too-large");
    server.isChunked = true;
    await refused(store, request(), "image-too-large");
    assert.deepEqual(await place.files(), []);
    await fetched(place.open({ limits: { maxBytes: 300_000 } }), request());
  });

  it("hold for the silence of its source", async () => {
    server.holdBodies();
    const store = place.open({ limits: { idleMs: 30 } });
    const { retryable } = await refused(store, request(), "image-unreachable");
    assert.equal(retryable, true);
    server.goOn();
  });

  it("hold for its time, however lively its source is", async () => {
    server.dripMs = 20;
    const store = place.open({ limits: { maxMs: 150 } });
    const error = await refused(store, request(), "image-unreachable");
    assert.equal(error.retryable, false);
    assert.match(error.message, /was not read within 0.15 s/);
    assert.deepEqual(await place.files(), []);
  });

  it("are not reached by waiting as long as a source asked for", async () => {
    server.cuts = [100_000];
    server.statuses = [0, 429];
    server.retryAfter = "1";
    const begunAt = performance.now();
    await fetched(place.open(), request());
    assert.ok(performance.now() - begunAt >= 950);
    assert.equal(server.requests.length, 3);
  });
});

describe("the policy for checksums", () => {
  let place: Place;
  let server: FileServer;
  beforeEach(async () => {
    place = await makePlace();
    server = await startFileServer(CONTENT);
  });
  afterEach(async () => {
    await server.stop();
    await place.end();
  });

  it("refuses an image without one where one is required, before anybody is asked", async () => {
    const store = place.open({ checksums: { isRequired: true } });
    const bare = { url: server.url, checksum: null };
    await refused(store, bare, "checksum-required");
    assert.throws(() => store.admit(bare), { code: "checksum-required" });
    await refused(store, { url: "file:///srv/x.iso", checksum: null }, "checksum-required");
    assert.equal(server.requests.length, 0);
    await fetched(store, { url: server.url, checksum: hex(CONTENT) });
  });

  for (const algorithm of ["md5", "sha1"]) {
    it(`takes ${algorithm} only where it was allowed`, async () => {
      const request = { url: server.url, checksum: `${algorithm}:${hex(CONTENT, algorithm)}` };
      const { hint } = await refused(place.open(), request, "checksum-invalid");
      assert.match(hint!, /TRAYLOAD_IMAGE_WEAK_CHECKSUMS/);
      assert.equal(server.requests.length, 0);
      await fetched(place.open({ checksums: { allowsWeak: true } }), request);
    });

    it(`takes ${algorithm} from a checksum file only where it was allowed`, async () => {
      const list = await startFileServer(Buffer.from(`${hex(CONTENT, algorithm)}  disc.iso\n`));
      const request = { url: server.url, checksum: list.url };
      await refused(place.open(), request, "checksum-invalid");
      assert.equal(server.requests.length, 0);
      await fetched(place.open({ checksums: { allowsWeak: true } }), request);
      await list.stop();
    });
  }

  for (const algorithm of ["sha256", "sha384", "sha512"])
    it(`takes ${algorithm}, bare, named, in a list of GNU's or of BSD's form, or alone in its file`, async () => {
      const digest = hex(CONTENT, algorithm);
      const list = await startFileServer(Buffer.from(""));
      for (const [index, text] of [
        `${digest}  ./images/disc.iso`,
        `${digest} *disc.iso`,
        `MD5 (disc.iso) = ${"0".repeat(32)}\n${algorithm.toUpperCase()} (disc.iso) = ${digest}`,
        digest,
      ].entries()) {
        list.content = Buffer.from(`# a comment\n${text}\n`.slice(text === digest ? 12 : 0));
        const store = place.open({ folder: `${place.folder}/${index}` });
        await fetched(store, { url: server.url, checksum: list.url });
      }
      await fetched(place.open(), { url: server.url, checksum: digest });
      await fetched(place.open(), { url: server.url, checksum: `${algorithm}:${digest}` }, "dep_2");
      await refused(place.open(), { url: server.url, checksum: `sha3:${digest}` }, "checksum-invalid");
      await list.stop();
    });

  it("is kept by a list of a whole folder, in which several files have the image's name", async () => {
    const [digest, other] = [hex(CONTENT), "0".repeat(64)];
    const url = new URL("/dists/current/netboot/amd64/initrd.gz", server.url).href;
    const list = await startFileServer(Buffer.from(""));
    for (const lines of [
      [`${other}  ./hd-media/initrd.gz`, `${digest}  ./netboot/amd64/initrd.gz`],
      [`${other}  initrd.gz`, `${digest} */netboot/amd64/initrd.gz`, `${other}  amd64/initrd.gz`],
      [`SHA256 (gtk/netboot/amd64/initrd.gz) = ${other}`, `SHA2-256 (amd64/initrd.gz)= ${digest}`],
      [`${digest}  elsewhere/initrd.gz`, `${digest}  initrd.gz.asc`],
      [`sha256:${digest}`],
    ]) {
      list.content = Buffer.from(`${lines.join("\n")}\n`);
      const store = place.open({ folder: join(place.folder, hex(list.content)) });
      await fetched(store, { url, checksum: list.url });
    }
    list.content = Buffer.from(`${other}  a/initrd.gz\n${digest}  b/initrd.gz\n`);
    const { message } = await refused(place.open(), { url, checksum: list.url }, "checksum-invalid");
    assert.match(message, /several files named initrd\.gz/);
    await list.stop();
  });

  it("does not let a list that lacks the name pass", async () => {
    const list = await startFileServer(
      Buffer.from(`${hex(CONTENT)}  other.iso\n${hex(CONTENT)}  odisc.iso\n`),
    );
    await refused(place.open(), { url: server.url, checksum: list.url }, "checksum-invalid");
    await list.stop();
  });
});
