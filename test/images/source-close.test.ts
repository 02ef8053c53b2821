import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createFileSource } from "../../src/images/source/file.ts";
import { createHttpSource } from "../../src/images/source/http.ts";
import { createSourceRules } from "../../src/images/source/rules.ts";
import type { Source } from "../../src/images/source/source.ts";
import { startFileServer } from "./file-server.ts";
import { makePlace } from "./store-fixture.ts";

const CONTENT = Buffer.alloc(8_000_000, 7);
const SIGNAL = new AbortController().signal;

/** Opens the source and lets it go at once, after one piece, and at its end. */
async function closeEachWay(source: Source): Promise<void> {
  await (await source.open(0, null, SIGNAL)).close();
  const begun = await source.open(0, null, SIGNAL);
  await begun.body[Symbol.asyncIterator]().next();
  await begun.close();
  const ended = await source.open(0, null, SIGNAL);
  for await (const chunk of ended.body) assert.ok(chunk.length > 0);
  await ended.close();
}

describe("a source that is let go", () => {
  it("keeps no connection", async () => {
    const server = await startFileServer(CONTENT);
    const network = { rules: createSourceRules(["127.0.0.1"]), proxies: {}, idleMs: 1_000 };
    try {
      await closeEachWay(createHttpSource(new URL(server.url), {}, network));
      assert.equal(server.requests.length, 3);
      for (const { socket } of server.requests.slice(0, 2))
        if (!socket.destroyed) await once(socket, "close");
    } finally {
      await server.stop();
    }
  });

  it("keeps no file open", async function () {
    const openFiles = async () => {
      const names = await readdir("/proc/self/fd");
      return Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
    };
    if (process.platform !== "linux") this.skip();
    const folder = await mkdtemp(join(tmpdir(), "trayload-source-"));
    const path = join(folder, "a.iso");
    await writeFile(path, CONTENT);
    await closeEachWay(createFileSource(pathToFileURL(path), createSourceRules([folder])));
    assert.ok(!(await openFiles()).includes(path));

    const place = await makePlace();
    const store = place.open({ capBytes: 1_000, allow: [folder] });
    const { promise: settled, resolve } = Promise.withResolvers<void>();
    await store.ensure({ url: pathToFileURL(path).href, checksum: null }, "dep_1", resolve);
    await settled;
    assert.ok(!(await openFiles()).includes(path), "a file that is too large was left open");
    await place.end();
    await rm(folder, { recursive: true });
  });
});
