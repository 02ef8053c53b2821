import assert from "node:assert/strict";
import { readConfig } from "../../src/config.ts";
import { createRegister } from "../../src/metrics/index.ts";
import { createLifetime } from "../../src/start/lifetime.ts";
import { startRetaining } from "../../src/start/retaining.ts";
import { until } from "../until.ts";

const DAY_MS = 86_400_000;
const NOW = 1_000 * DAY_MS;

describe("what a server lets go of by itself", () => {
  it("goes by the settings, in runs that follow each other, and is counted", async () => {
    const { keep } = readConfig({
      TRAYLOAD_KEEP_DEPLOYMENTS: "30d",
      TRAYLOAD_KEEP_EVENTS: "12h",
      TRAYLOAD_KEEP_IMAGES: "7d",
    });
    const asked: unknown[] = [];
    const removed: string[] = [];
    const lines: unknown[] = [];
    const prune = async (...given: unknown[]) => {
      asked.push(given);
      return {
        deployments: asked.length === 1 ? 3 : 0,
        campaigns: 0,
        operations: 0,
        events: 0,
        logs: 0,
        audit: 0,
      };
    };
    const image = (digest: string, daysOld: number, holders: string[] = []) => ({
      digest,
      usedMs: NOW - daysOld * DAY_MS,
      holders,
    });
    const images = {
      list: async () => ({ images: [image("old", 8), image("young", 6), image("held", 90, ["dep_1"])] }),
      remove: async (digest: string) => void removed.push(digest),
    };
    const oldest = async () => ({ deployments: NOW - DAY_MS, audit: null });
    const metrics = createRegister();
    const log = { info: (facts: unknown) => void lines.push(facts), warn: () => undefined };
    const lifetime = createLifetime({ debug: () => undefined, error: () => undefined });
    const ground = { database: { retention: { prune, oldest } }, images, metrics, clock: () => NOW } as never;
    startRetaining({ keep }, ground, log, lifetime, 1);
    await until(() => asked.length >= 2);
    await lifetime.stop();
    const rest = {
      operationsMs: 30 * DAY_MS,
      logsMs: 14 * DAY_MS,
      logsBytes: 2 ** 31,
      auditMs: null,
      imagesMs: 7 * DAY_MS,
    };
    assert.deepEqual(asked[0], [{ deploymentsMs: 30 * DAY_MS, eventsMs: DAY_MS / 2, ...rest }, NOW]);
    assert.ok(removed.length > 0 && removed.every((digest) => digest === "old"), removed.join());
    assert.deepEqual(lines[0], { deployments: 3 });
    const shown = await metrics.metrics();
    assert.match(shown, /^trayload_pruned_total\{what="deployments"\} 3$/m);
    assert.match(shown, /^trayload_kept_oldest_timestamp_seconds\{what="deployments"\} 86313600$/m);
    assert.doesNotMatch(shown, /what="audit"/);
  });

  it("is not given times that nobody could have meant", () => {
    for (const text of ["0d", "soon", "90", "-1d"])
      assert.throws(
        () => readConfig({ TRAYLOAD_KEEP_AUDIT: text }),
        /TRAYLOAD_KEEP_AUDIT must be a time such as/,
        text,
      );
    assert.equal(readConfig({ TRAYLOAD_KEEP_DEPLOYMENTS: "forever" }).keep.deploymentsMs, null);
  });
});
