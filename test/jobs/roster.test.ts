import assert from "node:assert/strict";
import { hostname } from "node:os";
import { createRoster, joinRoster } from "../../src/jobs/index.ts";
import { createHeardLog, findKinds, openTestRedis } from "./fixture.ts";
import { until } from "../until.ts";

for (const kind of await findKinds()) {
  describe(`the roster of workers (${kind})`, () => {
    let opened: Awaited<ReturnType<typeof openTestRedis>>;
    before(async () => {
      opened = await openTestRedis(kind, createHeardLog());
    });
    after(() => opened.end());

    it("lists those who work, with what they do, until they leave", async () => {
      const { redis } = opened;
      const log = createHeardLog();
      const roster = createRoster({ redis });
      const names = async () => (await roster.list().catch(() => [])).map(({ capacity }) => capacity);
      const first = joinRoster({ redis, capacity: 20, busy: () => 3, log });
      await until(async () => (await names()).length === 1, "the first is listed");
      const second = joinRoster({ redis, capacity: 5, busy: () => 0, log });
      await until(async () => (await names()).length === 2, "the second is listed");
      const [entry] = await roster.list();
      assert.deepEqual(
        [entry!.host, entry!.pid, entry!.capacity, entry!.busy],
        [hostname(), process.pid, 20, 3],
      );
      await first.stop();
      assert.deepEqual(await names(), [5]);
      await second.stop();
      assert.deepEqual(await names(), []);
      roster.close();
      assert.deepEqual(log.lines, []);
    });

    it("forgets by itself who has died", async () => {
      const { redis } = opened;
      const roster = createRoster({ redis });
      const dead = joinRoster({ redis, capacity: 1, busy: () => 0, log: createHeardLog() });
      await until(async () => (await roster.list().catch(() => [])).length === 1, "it is listed");
      const { id } = (await roster.list())[0]!;
      const connection = redis.connect();
      assert.ok((await connection.pttl(`trayload:worker:${id}`)) > 0, "its entry ends without it");
      await connection.del(`trayload:worker:${id}`);
      assert.deepEqual(await roster.list(), []);
      assert.deepEqual(await connection.smembers("trayload:workers"), []);
      connection.disconnect();
      await dead.stop();
      roster.close();
    });
  });
}
