import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Hint } from "../../src/deploy/index.ts";
import { createQueue, createScheduler, createWorker } from "../../src/jobs/index.ts";
import { createHeardLog, findKinds, openTestRedis } from "./fixture.ts";
import { until } from "../until.ts";

for (const kind of await findKinds()) {
  describe(`hints through ${kind === "js" ? "the JavaScript Redis" : "redis-server"}`, () => {
    const log = createHeardLog();
    let opened: Awaited<ReturnType<typeof openTestRedis>>;
    before(async () => {
      opened = await openTestRedis(kind, log);
    });
    after(() => opened.end());

    /** A pool whose looks are written down. */
    function startPool(look: (hint: Hint) => Promise<void> = async () => {}, concurrency = 20) {
      const seen: string[] = [];
      const queue = createQueue({ redis: opened.redis, log });
      const live = new Set<Promise<void>>();
      const runner = {
        look: (hint: Hint) => {
          seen.push(`${hint.id}/${hint.hint}`);
          const over = look(hint);
          live.add(over);
          return over;
        },
        stop: () => Promise.allSettled(live).then(() => true),
      };
      const worker = createWorker({ redis: opened.redis, runner, concurrency, log });
      const close = async () => {
        const drained = await worker.close(30_000);
        await queue.close();
        return drained;
      };
      return { seen, queue, close };
    }

    it("a hint becomes a look at its record", async () => {
      const { seen, queue, close } = startPool();

      await queue.add([{ id: "dep_01J", hint: 7 }]);

      await until(() => seen.length > 0, "the hint was taken");
      assert.deepEqual(seen, ["dep_01J/7"]);
      await close();
    });

    it("many hints are as many looks, and leave no key that grows", async () => {
      const many = kind === "js" ? 300 : 1000;
      const { seen, queue, close } = startPool();

      await queue.add(Array.from({ length: many }, (_, hint) => ({ id: "dep_many", hint })));

      await until(() => seen.length === many, "all were taken");
      assert.equal(new Set(seen).size, many);
      await close();
      const client = opened.redis.connect();
      const keys = await client.keys("trayload:looks:dep_*");
      const events = await client.xlen("trayload:looks:events");
      client.disconnect();
      assert.deepEqual(keys, []);
      assert.ok(events <= 300, `the stream of events holds ${events}`);
    });

    it("what was told something comes before what is due, and both before those that were just accepted", async () => {
      let goOn = () => {};
      const first = new Promise<void>((resolve) => (goOn = resolve));
      const { seen, queue, close } = startPool(() => first, 1);
      await queue.add([{ id: "dep_busy", hint: 1 }]);
      await until(() => seen.length === 1, "the pool is busy");

      await queue.add(["dep_a", "dep_b", "dep_c"].map((id) => ({ id, hint: 1 })));
      await queue.add([{ id: "dep_due", hint: 2 }], "due");
      await queue.add([{ id: "dep_woken", hint: 2 }]);
      assert.equal(await queue.waiting(), 5);
      goOn();

      await until(() => seen.length === 6, "all were taken");
      assert.deepEqual(seen.slice(1), ["dep_woken/2", "dep_due/2", "dep_a/1", "dep_b/1", "dep_c/1"]);
      await close();
    });

    it("the same hint again is a look again, once the first was taken", async () => {
      const { seen, queue, close } = startPool();

      await queue.add([{ id: "dep_again", hint: 1 }]);
      await until(() => seen.length === 1, "the first was taken");
      await until(async () => {
        await queue.add([{ id: "dep_again", hint: 1 }]);
        return seen.length > 1;
      }, "the second was taken");

      await close();
    });

    it("a look that throws is told in the log and harms no other", async () => {
      const { seen, queue, close } = startPool(async ({ id }) => {
        if (id === "dep_bad") throw new Error("a fault of the program");
      });

      await queue.add([
        { id: "dep_bad", hint: 1 },
        { id: "dep_good", hint: 1 },
      ]);

      // Another test's hint that came too late for it may be among them.
      const both = ["dep_bad/1", "dep_good/1"];
      await until(() => both.every((hint) => seen.includes(hint)), "both were taken");
      await close();
      assert.ok(log.lines.includes("a look ended by a fault of its own"));
    });

    it("what is lost with Redis comes again by the scheduler", async () => {
      const { seen, queue, close } = startPool();
      await queue.add([{ id: "dep_before", hint: 1 }]);
      await until(() => seen.length === 1, "the pool works");
      process.kill(opened.redis.pid()!, "SIGKILL");

      // As the store does: a record is due again until somebody claims it, with a fresh number each time.
      let hint = 1;
      const store = {
        takeDue: async () =>
          seen.some((look) => look.startsWith("dep_lost")) ? [] : [{ id: "dep_lost", hint: hint++ }],
      };
      const scheduler = createScheduler({ store, hints: queue, log, everyMs: 20 });

      await until(() => seen.some((look) => look.startsWith("dep_lost")), "the record was looked at");
      await scheduler.stop();
      await close();
      assert.ok(log.lines.some((line) => line.endsWith("ended by itself; starting it again")));
      assert.equal(
        log.lines.filter((line) => line.startsWith("hints are dropped")).length,
        1,
        "an outage is told once",
      );
    });

    it("closing waits for the looks under way, up to its limit", async () => {
      let finish = () => {};
      const blocked = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const { seen, queue, close } = startPool(() => blocked);
      await queue.add([{ id: "dep_slow", hint: 1 }]);
      await until(() => seen.length === 1, "the look began");

      const closing = close();
      setTimeout(finish, 100);

      assert.equal(await closing, true);
    });

    it("closing leaves a look behind that does not end", async () => {
      const queue = createQueue({ redis: opened.redis, log });
      let began = false;
      const runner = {
        look: () => {
          began = true;
          return new Promise<void>(() => {});
        },
        stop: (limitMs: number) => pause(limitMs, false),
      };
      const worker = createWorker({ redis: opened.redis, runner, log });
      await queue.add([{ id: "dep_stuck", hint: 1 }]);
      await until(() => began, "the look began");

      assert.equal(await worker.close(50), false);
      await queue.close();
    });
  });
}
