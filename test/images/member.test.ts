import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import type { LocalImageStore } from "../../src/images/index.ts";
import { readMember } from "../../src/images/tar.ts";
import { type FileServer, startFileServer } from "./file-server.ts";
import { fetched, hex, makePlace, type Place, refused } from "./store-fixture.ts";

const KERNEL = randomBytes(123_457);
const RAMDISK = randomBytes(1_000_000);
const LONG = `agent/${"long-".repeat(30)}name.img`;

describe("a member of a tar archive", () => {
  let place: Place;
  let server: FileServer;
  let store: LocalImageStore;
  /** Archives by tar's own formats. */
  const archives = new Map<string, Buffer>();
  before(async () => {
    place = await makePlace();
    const folder = join(place.folder, "files");
    mkdirSync(join(folder, "agent"), { recursive: true });
    writeFileSync(join(folder, "ipa.kernel"), KERNEL);
    writeFileSync(join(folder, "ipa.initramfs"), RAMDISK);
    writeFileSync(join(folder, LONG), KERNEL);
    for (const format of ["gnu", "pax", "ustar"]) {
      const path = join(place.folder, `${format}.tar`);
      const names = format === "ustar" ? ["ipa.kernel", "ipa.initramfs"] : ["."];
      execFileSync("tar", ["-C", folder, `--format=${format}`, "-cf", path, ...names]);
      archives.set(format, readFileSync(path));
    }
    await place.end();
  });
  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
    server = await startFileServer(archives.get("gnu")!);
  });
  afterEach(async () => {
    await server.stop();
    await place.end();
  });

  for (const format of ["gnu", "pax", "ustar"])
    for (const pack of [(bytes: Buffer) => bytes, gzipSync, zstdCompressSync])
      it(`is the same file, in ${format} form and ${pack.name || "plain"}`, async () => {
        server.content = pack(archives.get(format)!);
        const request = { url: server.url, checksum: hex(server.content) };
        const kernel = await fetched(store, { ...request, member: "ipa.kernel" }, "dep_1");
        const ramdisk = await fetched(store, { ...request, member: "./ipa.initramfs" }, "dep_1");
        assert.ok((await readFile(kernel.path)).equals(KERNEL));
        assert.ok((await readFile(ramdisk.path)).equals(RAMDISK));
        assert.equal(server.requests.length, 1, "one archive, one download");
        if (format === "ustar") return;
        const long = await fetched(store, { ...request, member: LONG }, "dep_1");
        assert.equal(long.digest, kernel.digest);
      });

  it("is taken out once, and is known again without the archive or its server", async () => {
    const request = { url: server.url, checksum: hex(server.content), member: "ipa.kernel" };
    await fetched(store, request, "dep_1");
    await server.stop();
    await fetched(store, request, "dep_2");
    await store.close();
    await fetched(place.open(), request, "dep_3");
  });

  it("is listed with the archive that it came from, and that with its server", async () => {
    const url = `${server.url}?token=canary`;
    const kernel = await fetched(store, { url, checksum: null, member: "ipa.kernel" }, "dep_1");
    const made = await store.add(Buffer.from("sent with a request"), "dep_2");
    await store.close();
    const listed = (await place.open().list()).images;
    const sources = Object.fromEntries(listed.map(({ digest, source }) => [digest, source]));
    assert.deepEqual(sources, {
      [`sha256:${hex(server.content)}`]: server.url,
      [kernel.digest]: `ipa.kernel in ${server.url}`,
      [made.digest]: null,
    });
  });

  it("is taken from what the server has now where nothing was said of a checksum", async () => {
    const request = { url: server.url, checksum: null, member: "ipa.kernel" };
    await fetched(store, request, "dep_1");
    await fetched(store, request, "dep_2");
    assert.deepEqual(
      server.requests.map(({ headers }) => headers["if-none-match"]),
      [undefined, '"one"'],
    );
  });

  it("comes again as it was on another replica, or not at all", async () => {
    const request = { url: server.url, checksum: null, member: "ipa.kernel" };
    const digest = `sha256:${hex(KERNEL)}`;
    const again = await fetched(store, { ...request, digest });
    assert.equal(again.digest, digest);
    const other = { ...request, member: "ipa.initramfs", digest };
    const replica = place.open({ folder: join(place.folder, "replica") });
    await refused(replica, other, "image-checksum-mismatch");
  });

  it("is refused where there is none of that name, and the refusal says what there is", async () => {
    const { hint } = await refused(
      store,
      { url: server.url, checksum: null, member: "vmlinuz" },
      "image-member-not-found",
    );
    assert.match(hint!, /ipa\.kernel/);
    await refused(store, { url: server.url, checksum: null, member: "agent" }, "image-member-not-found");
    await refused(
      store,
      { url: server.url, checksum: null, member: "../ipa.kernel" },
      "image-member-not-found",
    );
  });

  it("is refused where the archive has pieces of it, or a link to it, and what stands behind these is found", async () => {
    const folder = join(place.folder, "sparse");
    mkdirSync(folder);
    for (const name of ["few.raw", "many.raw"]) writeFileSync(join(folder, name), "");
    truncateSync(join(folder, "few.raw"), 5_000_000);
    const many = openSync(join(folder, "many.raw"), "r+");
    for (let piece = 1; piece <= 40; piece += 1) writeSync(many, "piece", piece * 200_000);
    closeSync(many);
    writeFileSync(join(folder, "kernel"), KERNEL);
    linkSync(join(folder, "kernel"), join(folder, "vmlinuz"));
    const names = ["few.raw", "many.raw", "kernel", "vmlinuz"];
    for (const form of ["gnu", "oldgnu", "0.0", "0.1", "1.0"]) {
      const asked = /gnu/.test(form) ? [`--format=${form}`] : ["--format=pax", `--sparse-version=${form}`];
      execFileSync("tar", ["-C", folder, "-S", ...asked, "-cf", join(place.folder, "a.tar"), ...names]);
      server.content = readFileSync(join(place.folder, "a.tar"));
      server.etag = `"${form}"`;
      const request = { url: server.url, checksum: null };
      for (const member of ["few.raw", "many.raw"]) {
        const error = await refused(store, { ...request, member }, "image-format-mismatch");
        assert.match(error.message, /as a sparse file$/, form);
      }
      const { hint } = await refused(store, { ...request, member: "vmlinuz" }, "image-member-not-found");
      assert.equal(hint, "Name what it leads to: kernel.");
      const { path } = await fetched(store, { ...request, member: "kernel" }, `dep_${form}`);
      assert.ok((await readFile(path)).equals(KERNEL));
    }
  });

  it("is refused where the archive is none, is cut off, or is packed as we cannot read", async () => {
    const request = { url: server.url, checksum: null, member: "ipa.initramfs" };
    for (const content of [
      randomBytes(5000),
      archives.get("gnu")!.subarray(0, 300_000),
      gzipSync(archives.get("gnu")!).subarray(0, 100_000),
      Buffer.from("\xfd7zXZ\0 and so on", "latin1"),
    ]) {
      server.content = content;
      server.etag = `"${hex(content)}"`;
      await refused(store, request, "image-format-mismatch");
    }
  });

  it("does not come out of hostile bytes, nor does reading them crash or spin", () =>
    fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 2048 }),
        fc.nat(archives.get("pax")!.length),
        async (noise, at) => {
          const bytes = Buffer.from(archives.get("pax")!.subarray(0, 20_480));
          bytes.set(noise.subarray(0, Math.max(0, bytes.length - (at % bytes.length))), at % bytes.length);
          try {
            let length = 0;
            for await (const chunk of readMember(one(bytes), "ipa.kernel", "x")) length += chunk.length;
            assert.ok(length <= bytes.length);
          } catch (error) {
            assert.match((error as { code: string }).code, /image-(member-not-found|format-mismatch)/);
          }
        },
      ),
      { numRuns: 200 },
    ));
});

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
