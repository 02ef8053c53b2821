import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { openBlobIndex } from "../../src/database/index.ts";
import { startFileServer } from "../images/file-server.ts";
import { createImageStore, type ImageRequest, type LocalImageStore } from "../../src/images/index.ts";
import { ISO, type Listener, openSite, SHA256, type Site } from "./fixture.ts";
import { until } from "../until.ts";

describe("a disc whose bytes are gone", () => {
  let site: Site;
  let folder: string;
  let empty: LocalImageStore;
  let replica: Listener;
  let path: string;
  let id: string;
  beforeEach(async () => {
    site = await openSite();
    ({ id, path } = await site.deploy({ eject: "on-reboot", finish: "disc-read" }));
    folder = mkdtempSync(join(tmpdir(), "trayload-replica-"));
    empty = createImageStore({
      folder,
      openIndex: openBlobIndex,
      capBytes: 1e9,
      allow: [join(site.iso, ".."), "127.0.0.1"],
    });
    replica = await site.open({ images: empty, limits: { refetchMs: 20 } });
  });
  afterEach(async () => {
    await site.close();
    await empty.close();
    rmSync(folder, { recursive: true });
  });

  const read = () => site.readDisc(path, 4_096, 1_000, { of: replica });

  it("is fetched again under the same digest while its reader waits, and held for its deployment", async () => {
    replica = await site.open({ images: empty, limits: { refetchMs: 60_000 } });
    const { status, body } = await read();
    assert.equal(status, 206);
    assert.ok(body.equals(ISO.subarray(4_096, 5_096)));
    assert.deepEqual(await empty.holders(), [id]);
    assert.doesNotMatch(site.logged.join("\n"), /come again/);
  });

  it("is given a little later to all who asked for it when it takes longer, which is told once", async () => {
    let hasCome = false;
    const find = async (digest: string) => (hasCome ? empty.find(digest) : undefined);
    replica = await site.open({ images: { ...empty, find }, limits: { refetchMs: 20 } });
    for (const answer of await Promise.all([read(), read(), read()]))
      assert.deepEqual([answer.status, answer.headers["retry-after"]], [503, "5"]);
    assert.equal(site.logged.filter((line) => line.startsWith("readers are asked to come again")).length, 1);
    hasCome = true;
    await until(async () => (await read()).status === 206);
  });

  it("is waited for by nobody who has gone", async () => {
    let looks = 0;
    const find = async () => {
      looks += 1;
      return undefined;
    };
    const ensure = async () => ({ state: "fetching", bytesRead: 0, sizeBytes: null }) as const;
    replica = await site.open({ images: { find, ensure }, limits: { refetchMs: 3_600_000 } });
    const asking = site.readDisc(path, 0, 10, { of: replica }).catch(() => undefined);
    await until(async () => looks > 3);
    // An hour would not end within the time of a test.
    await replica.provision.close(0);
    await asking;
  });

  it("is never served from a source that has changed since", async () => {
    await writeFile(site.iso, Buffer.concat([ISO, ISO]));
    await until(async () => {
      assert.equal((await read()).status, 503);
      site.skip(16_000);
      return /could not be fetched again[^]*sha256/.test(site.logged.join("\n"));
    });
    assert.deepEqual(await empty.holders(), []);
  });

  it("is asked of its source now and then, not with every read", async () => {
    const asked: ImageRequest[] = [];
    const ensure = async (request: ImageRequest) => {
      asked.push(request);
      return { state: "fetching", bytesRead: 0, sizeBytes: null } as const;
    };
    replica = await site.open({
      images: { find: async () => undefined, ensure },
      limits: { refetchMs: 20 },
    });
    for (let count = 0; count < 10; count += 1) assert.equal((await read()).status, 503);
    assert.equal(asked.length, 1);
    site.skip(16_000);
    await read();
    const digest = `sha256:${SHA256}`;
    assert.deepEqual(asked, Array(2).fill({ url: `file://${site.iso}`, checksum: digest, digest }));
  });

  it("is fetched with its deployment's credentials, though another record looks after it by now", async () => {
    const source = await startFileServer(ISO);
    try {
      const iso = { url: source.url, auth: { username: "u", password: "canary-password" } };
      await site.wake(id, { kind: "cancel", by: "test" });
      ({ id, path } = await site.deploy({ boot: { iso } }));
      await boot();
      assert.equal((await site.get(id)).state, "succeeded");
      source.requests.length = 0;
      await until(async () => (await read()).status === 206);
      const authorizations = source.requests.map(({ headers }) => headers.authorization);
      assert.deepEqual(new Set(authorizations), new Set([`Basic ${btoa("u:canary-password")}`]));
      assert.deepEqual(await empty.holders(), [id]);
      assert.match(site.logged.join("\n"), /bytes of a disc are not here .*"recordId":"op_/);
      assert.ok(!site.logged.join("\n").includes("canary-password"));
    } finally {
      await source.stop();
    }
  });

  /** Reads as a machine does that boots from the disc. */
  async function boot(): Promise<void> {
    for (const sector of [16, 19, 23, 900]) await site.readDisc(path, sector * 2_048, 2_048);
    await until(async () => {
      await site.look();
      return (await site.get(id)).state !== "running";
    });
  }
});
