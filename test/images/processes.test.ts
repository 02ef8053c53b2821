import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openBlobIndex } from "../../src/database/index.ts";
import { type FileServer, startFileServer } from "./file-server.ts";
import { fetched, hex, makePlace, type Place, refused } from "./store-fixture.ts";
import type { Task, Told } from "./store-process.ts";
import { until } from "../until.ts";

const CONTENT = randomBytes(300_000);
interface Started {
  child: ChildProcess;
  /** Resolves when it has asked for the image. */
  begun: Promise<void>;
  told: Promise<Told>;
}

const ALLOW = ["127.0.0.1"];

describe("processes with one store", () => {
  let place: Place;
  let server: FileServer;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    place = await makePlace();
    server = await startFileServer(CONTENT);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await end(child, () => child.disconnect());
    await server.stop();
    await place.end();
  });

  async function end(child: ChildProcess, how: () => void): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    how();
    await ended;
  }

  /** Starts a process that asks for the image. @returns it, and what it tells in the end */
  function start(holder: string, checksum: string | null = null): Started {
    const options = { folder: place.folder, capBytes: 1_000_000, allow: ALLOW };
    const task: Task = { options, request: { url: server.url, checksum }, holder };
    const child = fork(join(import.meta.dirname, "store-process.ts"), [JSON.stringify(task)]);
    children.push(child);
    const begun = Promise.withResolvers<void>();
    const told = Promise.withResolvers<Told>();
    child.on("message", (message) => (message === "begun" ? begun.resolve() : told.resolve(message as Told)));
    return { child, begun: begun.promise, told: told.promise };
  }

  async function asked(times: number): Promise<void> {
    await until(() => server.requests.length >= times);
  }

  it("fetch what several of them want once, and all hear how it ended", async () => {
    server.holdBodies();
    const first = start("dep_1");
    await asked(1);
    const others = [start("dep_2"), start("dep_3")];
    const store = place.open({ capBytes: 1_000_000 });
    const own = fetched(store, { url: server.url, checksum: null }, "dep_4");
    await Promise.all(others.map(({ begun }) => begun));
    server.goOn();
    const digest = `sha256:${hex(CONTENT)}`;
    assert.deepEqual(
      await Promise.all([first, ...others].map(({ told }) => told)),
      Array(3).fill({ digest }),
    );
    const image = await own;
    assert.equal(image.digest, digest);
    assert.equal(server.requests.filter(({ headers }) => headers["if-none-match"] === undefined).length, 1);
    assert.deepEqual(await store.holders(), ["dep_1", "dep_2", "dep_3", "dep_4"]);
    assert.ok((await readFile(image.path)).equals(CONTENT));
  });

  it("go on where one of them was killed in the middle, and keep nothing half", async () => {
    server.holdBodies();
    const { child } = start("dep_1");
    await asked(1);
    const waiting = start("dep_2");
    await waiting.begun;
    const [half = ""] = (await place.files()).filter((name) => name.startsWith("part-"));
    await end(child, () => child.kill("SIGKILL"));
    assert.ok((await place.files()).includes(half), "what was killed could clear up");
    server.goOn();
    assert.deepEqual(await waiting.told, { digest: `sha256:${hex(CONTENT)}` });
    assert.equal(server.requests.length, 2);
    // Whoever comes next clears up, and gives back the room that the dead had set aside.
    const store = place.open({ capBytes: 500_000 });
    const small = await startFileServer(randomBytes(150_000));
    await fetched(store, { url: small.url, checksum: null }, "dep_3");
    await small.stop();
    assert.deepEqual(
      (await place.files()).filter((name) => name.startsWith("part-")),
      [],
    );
  });

  it("hear of another's failure instead of trying the same once more", async () => {
    server.holdBodies();
    const first = start("dep_1", "0".repeat(64));
    await asked(1);
    const second = start("dep_2", "0".repeat(64));
    await second.begun;
    server.goOn();
    const [one, two] = await Promise.all([first.told, second.told]);
    assert.equal((one as { code: string }).code, "image-checksum-mismatch");
    assert.deepEqual(two, one);
    assert.equal(server.requests.length, 1);
  });

  it("leave alone what another one holds, and let go of what nobody does", async () => {
    await start("dep_1").told;
    const other = await startFileServer(randomBytes(800_000));
    const store = place.open({ capBytes: 1_000_000 });
    const request = { url: other.url, checksum: null };
    await refused(store, request, "image-store-full");
    await store.release("dep_1");
    await fetched(store, request, "dep_9");
    assert.equal(await store.find(`sha256:${hex(CONTENT)}`), undefined);
    await other.stop();
  });

  it("believe no owner that has been silent, and none whose process is gone", async () => {
    const index = openBlobIndex(join(place.folder, "index.db"));
    const digest = `sha256:${hex(CONTENT)}`;
    const dead = { id: "a", host: "elsewhere", pid: 1, seenMs: Date.now() - 60_000 };
    assert.deepEqual(
      index.claim("key", dead, 0, () => true),
      { state: "mine" },
    );
    const living = { ...dead, id: "b", seenMs: Date.now() };
    assert.equal(index.claim("key", living, 0, () => true).state, "theirs");
    assert.equal(index.claim("key", living, 0, ({ seenMs }) => seenMs > dead.seenMs).state, "mine");
    // The first comes back, and may not end what is the other's by now.
    index.end("key", "a", { digest }, Date.now());
    assert.equal(index.claim("key", { ...living, id: "c" }, 0, () => true).state, "theirs");
    index.close();
  });
});
