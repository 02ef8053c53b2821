import assert from "node:assert/strict";
import type { Database } from "../../src/database/index.ts";
import { createSender, createWebhooks } from "../../src/webhooks/index.ts";
import { startApi, stopAll } from "../api/fixture.ts";
import { openTemporary } from "../database/sqlite.ts";
import { run } from "./fixture.ts";

describe("trayload webhook", () => {
  let database: Database;
  beforeEach(async () => (database = await openTemporary({ groupMs: 0 })));
  afterEach(async () => {
    await stopAll();
    await database.close();
  });

  it("adds, tests, shows, replays and removes", async () => {
    const { webhooks: store, records, campaigns } = database;
    const sender = createSender([]);
    const seals = { seal: () => "sealed" };
    const api = await startApi({
      webhooks: createWebhooks({ store, records, campaigns, sender, seals, clock: Date.now }),
    });
    assert.match((await run(api, ["webhook", "list"])).out, /There are none/);
    const added = await run(api, [
      "webhook",
      "add",
      "https://ci.example/x",
      "--event",
      "operation.*",
      "--event",
      "deployment.failed",
    ]);
    assert.match(
      added.out,
      /^wh_\w+ {2}https:\/\/ci\.example\/x {2}operation\.\* deployment\.failed\nsecret whsec_\S+\n$/,
    );
    const id = added.out.split(" ")[0]!;
    const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
    const quiet = await run(api, ["webhook", "add", "https://ci.example/y"], {
      env: { TRAYLOAD_WEBHOOK_SECRET: secret },
    });
    assert.doesNotMatch(quiet.out, /whsec_/);
    assert.match(
      (await run(api, ["webhook", "list"])).out,
      /deployment\.succeeded deployment\.failed deployment\.cancelled +admin/,
    );
    assert.match((await run(api, ["webhook", "deliveries", id])).out, /Nothing was sent/);
    await run(api, ["webhook", "test", id]);
    const [taken] = await store.take(1, 1000);
    await store.settle(taken!.id, { state: "dead", status: 500, error: "it was answered 500" });
    assert.match(
      (await run(api, ["webhook", "deliveries", id, "--state", "dead"])).out,
      /webhook\.test +dead +1 +it was answered 500$/m,
    );
    assert.match((await run(api, ["webhook", "replay", id])).out, /^1 on their way again/);
    assert.match((await run(api, ["webhook", "replay", id, "msg_none"])).err, /delivery-not-found/);
    assert.equal((await run(api, ["webhook", "remove", id])).status, 0);
    assert.match((await run(api, ["webhook", "test", id])).err, /webhook-not-found/);
  });
});
