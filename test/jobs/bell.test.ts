import assert from "node:assert/strict";
import { createBell } from "../../src/jobs/index.ts";
import { createHeardLog, findKinds, openTestRedis } from "./fixture.ts";
import { until } from "../until.ts";

for (const kind of await findKinds()) {
  describe(`the bell (${kind})`, () => {
    let opened: Awaited<ReturnType<typeof openTestRedis>>;
    before(async () => {
      opened = await openTestRedis(kind, createHeardLog());
    });
    after(() => opened.end());

    it("rings here and on every other connection, once for many rings of a moment", async () => {
      const [one, other] = [createBell({ redis: opened.redis }), createBell({ redis: opened.redis })];
      const [here, there]: [string[], string[]] = [[], []];
      one.listen((id) => here.push(id));
      other.listen((id) => there.push(id));
      // Subscribing takes a moment; until then a ring is lost, as rings may be.
      await until(() => {
        one.ring("dep_warm");
        return there.length > 0;
      }, "the other hears");

      for (let times = 0; times < 10; times += 1) one.ring("dep_a");

      const ofMany = () => [here, there].map((heard) => heard.filter((id) => id === "dep_a"));
      await until(() => ofMany().every((heard) => heard.length > 0), "both heard");
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.deepEqual(ofMany(), [["dep_a"], ["dep_a"]]);
      await one.close();
      await other.close();
    });

    it("is silent for those who have ended their listening", async () => {
      const bell = createBell({ redis: opened.redis });
      const heard: string[] = [];
      const end = bell.listen((id) => heard.push(id));
      let control = 0;
      bell.listen(() => (control += 1));

      end();
      bell.ring("dep_b");

      await until(() => control > 0, "the other listener heard");
      assert.deepEqual(heard, []);
      await bell.close();
    });
  });
}
