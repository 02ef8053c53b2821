import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fillDisk, mountSmallDisk, needSmallDisk } from "../small-disk.ts";
import { type FileServer, startFileServer } from "./file-server.ts";
import { fetched, hex, makePlace, type Place, refused } from "./store-fixture.ts";

const CONTENT = randomBytes(600_000);

describe("an image store on a full disk", () => {
  let place: Place;
  let server: FileServer;
  let disk: string;
  let unmount: () => void;
  before(function () {
    needSmallDisk(this);
  });
  beforeEach(async () => {
    place = await makePlace();
    server = await startFileServer(CONTENT);
    disk = join(place.folder, "disk");
    mkdirSync(disk);
    unmount = mountSmallDisk(disk, 2);
  });
  afterEach(async () => {
    await server.stop();
    await place.close();
    unmount();
    await place.end();
  });

  it("says so, keeps nothing half, serves what it had, and goes on when there is room", async () => {
    const store = place.open({ folder: join(disk, "store") });
    const had = await fetched(store, { url: server.url, checksum: null }, "dep_0");
    writeFileSync(join(disk, "filler"), randomBytes(800_000));
    server.content = randomBytes(600_000);
    server.etag = '"two"';
    const error = await refused(store, { url: server.url, checksum: null }, "image-store-full");
    assert.equal(error.retryable, true);
    assert.match(error.message, /disk .* full/);
    const names = (await place.files()).filter((name) => /^part-|^[0-9a-f]{64}$/.test(name));
    assert.deepEqual(names, [hex(CONTENT)]);
    assert.deepEqual(await store.find(had.digest), had);
    await rm(join(disk, "filler"));
    const image = await fetched(store, { url: server.url, checksum: null }, "dep_1");
    assert.equal(image.digest, `sha256:${hex(server.content)}`);
  });

  it("says so too where not even a note of who holds what has room", async () => {
    const store = place.open({ folder: join(disk, "store") });
    await fetched(store, { url: server.url, checksum: hex(CONTENT) }, "dep_0");
    fillDisk(join(disk, "filler"));
    let code: string | undefined;
    for (let number = 0; number < 20_000 && code === undefined; number += 1) {
      const state = await store.ensure(
        { url: server.url, checksum: hex(CONTENT) },
        `dep_x${number}`,
        () => {},
      );
      if (state.state === "failed") ({ code } = state.error);
    }
    assert.equal(code, "image-store-full");
    await rm(join(disk, "filler"));
    await fetched(store, { url: server.url, checksum: hex(CONTENT) }, "dep_2");
  });
});
