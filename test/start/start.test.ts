import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sinon from "sinon";
import { takeAdminToken } from "../../src/start/admin-token.ts";
import { createLifetime } from "../../src/start/lifetime.ts";
import { onStopSignals } from "../../src/start/stop-signals.ts";

describe("the admin token", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "token-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is made at the first start, for its owner's eyes, and kept at the next", () => {
    const first = takeAdminToken(undefined, join(folder, "data"));
    const next = takeAdminToken(undefined, join(folder, "data"));

    assert.match(first.token, /^tl_[A-Za-z0-9_-]{43}$/);
    assert.equal(first.isNew, true);
    assert.equal(statSync(first.file!).mode & 0o777, 0o600);
    assert.equal(readFileSync(first.file!, "utf8"), `${first.token}\n`);
    assert.deepEqual(next, { ...first, isNew: false });
  });

  it("is closed to others again where a copy opened it", () => {
    const { file } = takeAdminToken(undefined, folder);
    chmodSync(file!, 0o644);

    takeAdminToken(undefined, folder);

    assert.equal(statSync(file!).mode & 0o777, 0o600);
  });

  it("is the given one, and then no file is made", () => {
    const given = `tl_${"g".repeat(43)}`;
    assert.deepEqual(takeAdminToken(given, folder), { token: given, file: null, isNew: false });
  });

  it("is not taken from a file that holds something else, and the error does not repeat it", () => {
    writeFileSync(join(folder, "admin-token"), "canary");
    assert.throws(() => takeAdminToken(undefined, folder), /does not hold an admin token; remove it/);
  });
});

describe("a lifetime", () => {
  it("ends in reverse, whole, and once, also when a part does not end well", async () => {
    const told: string[] = [];
    const log = { debug: () => {}, error: (_: unknown, text: string) => told.push(text) };
    const lifetime = createLifetime(log as never);
    lifetime.add("first", () => told.push("first"));
    lifetime.add("broken", () => Promise.reject(new Error("no")));
    lifetime.add("last", () => told.push("last"));

    await Promise.all([lifetime.stop(), lifetime.stop()]);

    assert.deepEqual(told, ["last", "did not stop well", "first"]);
  });
});

describe("stop signals", () => {
  it("stop at the first, pass over its echo, and end at once at a later second", () => {
    const clock = sinon.useFakeTimers({ toFake: ["performance"] });
    const source = new EventEmitter();
    const told: string[] = [];
    const away = onStopSignals(
      (signal) => told.push(`stop ${signal}`),
      (signal) => told.push(`end ${signal}`),
      source as never,
    );

    source.emit("SIGINT", "SIGINT");
    clock.tick(50);
    source.emit("SIGINT", "SIGINT");
    clock.tick(1000);
    source.emit("SIGINT", "SIGINT");
    away();
    source.emit("SIGTERM", "SIGTERM");
    clock.restore();

    assert.deepEqual(told, ["stop SIGINT", "end SIGINT"]);
  });
});
