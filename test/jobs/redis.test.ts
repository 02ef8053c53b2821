import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { JobsError, openRedis } from "../../src/jobs/index.ts";
import { createHeardLog, findKinds, isAlive, openTestRedis } from "./fixture.ts";
import { until } from "../until.ts";

const PARENT = `
  const { openRedis } = await import(process.argv[1]);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const redis = await openRedis({ folder: process.argv[2], log, ...(process.argv[3] === "js" ? { path: "" } : {}) });
  console.log(redis.pid());
`;

/** A process that opens a private Redis; gives both of their ids. */
async function startParent(kind: string, folder: string) {
  const room = join(import.meta.dirname, "../../src/jobs/index.ts");
  const parent = spawn(process.execPath, ["--input-type=module", "-e", PARENT, room, folder, kind]);
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: parent.stdout }).once("line", resolve);
    parent.once("exit", () => reject(new Error("the parent ended early")));
  });
  return { parent, redisPid: Number(first) };
}

/** Inodes of the TCP sockets on which a process listens, from /proc/net/tcp (state 0A) and its descriptors. */
function tcpListeners(pid: number): string[] {
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) =>
    readFileSync(file, "utf8").split("\n").slice(1),
  );
  const listening = new Set(
    rows
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => row[3] === "0A")
      .map((row) => row[9]),
  );
  const held = readdirSync(`/proc/${pid}/fd`).map((fd) => targetOf(`/proc/${pid}/fd/${fd}`));
  return held.filter((target) => listening.has(/^socket:\[(\d+)\]$/.exec(target)?.[1]));
}

/** What a descriptor leads to; nothing once it has been closed. */
function targetOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOENT");
    return "";
  }
}

for (const kind of await findKinds()) {
  describe(`a private Redis (${kind})`, () => {
    it("listens on one socket of this user and on no port", async () => {
      const { redis, folder, end } = await openTestRedis(kind, createHeardLog());

      assert.deepEqual(tcpListeners(redis.pid()!), []);
      assert.equal(statSync(folder).mode & 0o077, 0);
      assert.equal(statSync(join(folder, "redis.sock")).mode & 0o077, 0);
      await end();
    });

    it("does not get our environment, which may hold secrets", async () => {
      process.env["TRAYLOAD_ADMIN_TOKEN"] = "tl_canary";
      const { redis, end } = await openTestRedis(kind, createHeardLog());
      delete process.env["TRAYLOAD_ADMIN_TOKEN"];

      assert.doesNotMatch(readFileSync(`/proc/${redis.pid()}/environ`, "utf8"), /tl_canary/);
      await end();
    });

    it("leaves no process, socket or owner behind when it is closed", async () => {
      const folder = mkdtempSync(join(tmpdir(), "jobs-"));
      const redis = await openRedis({
        folder,
        log: createHeardLog(),
        ...(kind === "js" ? { path: "" } : {}),
      });
      const pid = redis.pid()!;
      assert.equal(await redis.isReady(), true);

      await redis.close();

      assert.equal(isAlive(pid), false);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name !== "appendonlydir"),
        [],
      );
      assert.equal(await redis.isReady(), false);
      rmSync(folder, { recursive: true });
    });

    it("is refused while a live process has the folder", async () => {
      const { folder, end } = await openTestRedis(kind, createHeardLog());

      await assert.rejects(openRedis({ folder, log: createHeardLog() }), (error: JobsError) => {
        assert.equal(error.code, "redis-in-use");
        assert.match(error.message, new RegExp(`process ${process.pid}`));
        return true;
      });
      await end();
    });

    it("ends with a parent that is killed, at the latest when the next one starts", async () => {
      const folder = mkdtempSync(join(tmpdir(), "jobs-"));
      const { parent, redisPid } = await startParent(kind, folder);
      assert.ok(isAlive(redisPid));

      parent.kill("SIGKILL");
      await new Promise((resolve) => parent.once("exit", resolve));
      const redis = await openRedis({
        folder,
        log: createHeardLog(),
        ...(kind === "js" ? { path: "" } : {}),
      });

      await until(() => !isAlive(redisPid), "the orphan is gone");
      assert.equal(await redis.isReady(), true);
      await redis.close();
      rmSync(folder, { recursive: true });
    });

    it("is not refused for an owner that died and whose parent does not care", async function () {
      if (process.platform !== "linux") this.skip();
      const folder = mkdtempSync(join(tmpdir(), "jobs-"));
      // `exec` makes sleep the parent, which never waits for its children.
      const careless = spawn("sh", ["-c", "sleep 0.05 & echo $!; exec sleep 60"]);
      const [line] = (await once(createInterface({ input: careless.stdout }), "line")) as [string];
      const pid = Number(line);
      const stat = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
      writeFileSync(join(folder, "owner.json"), JSON.stringify({ pid, started: stat()[19] }));
      await until(() => stat()[0] === "Z", "the owner has died");

      const redis = await openRedis({
        folder,
        log: createHeardLog(),
        ...(kind === "js" ? { path: "" } : {}),
      });

      await redis.close();
      careless.kill();
      rmSync(folder, { recursive: true });
    });

    it("finds a shorter place for its socket when the folder's path is long", async () => {
      const top = mkdtempSync(join(tmpdir(), "jobs-"));
      const folder = join(top, "x".repeat(100));
      const short = join(
        tmpdir(),
        `trayload-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`,
      );
      const redis = await openRedis({
        folder,
        log: createHeardLog(),
        ...(kind === "js" ? { path: "" } : {}),
      });

      assert.equal(await redis.isReady(), true);
      assert.deepEqual([existsSync(join(folder, "redis.sock")), existsSync(short)], [false, true]);
      await redis.close();
      assert.equal(existsSync(short), false);
      rmSync(top, { recursive: true });
    });
  });
}

describe("opening Redis", () => {
  it("says honestly that the JavaScript server is in memory", async () => {
    const log = createHeardLog();
    const { end } = await openTestRedis("js", log);
    assert.equal(log.lines.length, 1);
    assert.match(log.lines[0]!, /in memory.*JavaScript.*queued again at start/);
    await end();
  });

  it("passes over a redis-server that is too old", async () => {
    const folder = mkdtempSync(join(tmpdir(), "jobs-"));
    mkdirSync(join(folder, "bin"));
    const script = '#!/bin/sh\necho "Redis server v=6.0.16 sha=00000000:0"\n';
    execFileSync("sh", [
      "-c",
      `printf '%s' "$1" > "$2" && chmod +x "$2"`,
      "sh",
      script,
      join(folder, "bin/redis-server"),
    ]);

    const redis = await openRedis({
      folder: join(folder, "redis"),
      log: createHeardLog(),
      path: join(folder, "bin"),
    });

    assert.equal(redis.kind, "js");
    await redis.close();
    rmSync(folder, { recursive: true });
  });

  it("refuses a folder that others may enter", async () => {
    const folder = mkdtempSync(join(tmpdir(), "jobs-"));
    execFileSync("chmod", ["755", folder]);

    await assert.rejects(openRedis({ folder, log: createHeardLog() }), /only this user may enter/);
    rmSync(folder, { recursive: true });
  });

  it("of a given URL fails with its host and without its password when nothing answers there", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => closed.once("listening", resolve));
    const { port } = closed.address() as { port: number };
    closed.close();

    const opening = openRedis({
      url: `redis://:canary@127.0.0.1:${port}`,
      folder: "unused",
      log: createHeardLog(),
      limitMs: 200,
    });

    await assert.rejects(opening, (error: JobsError) => {
      assert.equal(error.code, "redis-unreachable");
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}`));
      assert.doesNotMatch(error.message + error.hint + String(error.cause), /canary/);
      return true;
    });
  });
});
