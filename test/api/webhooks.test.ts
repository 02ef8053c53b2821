import assert from "node:assert/strict";
import type { Database } from "../../src/database/index.ts";
import { createSender, createWebhooks } from "../../src/webhooks/index.ts";
import { openTemporary } from "../database/sqlite.ts";
import { startApi, stopAll } from "./fixture.ts";

const seals = { seal: () => "sealed" };
const URL = "https://ci.example/hook?key=canary";

describe("webhooks over the API", () => {
  let database: Database;
  beforeEach(async () => (database = await openTemporary({ groupMs: 0 })));
  afterEach(async () => {
    await stopAll();
    await database.close();
  });

  const start = () => {
    const { webhooks: store, records, campaigns } = database;
    const sender = createSender([]);
    return startApi({
      webhooks: createWebhooks({ store, records, campaigns, sender, seals, clock: Date.now }),
    });
  };

  it("are made, shown without their secrets, tested and removed", async () => {
    const { call, audit } = await start();
    const made = await call("POST", "/v1/webhooks", { url: URL });
    assert.equal(made.status, 201);
    const { secret, ...shown } = made.body;
    assert.match(secret, /^whsec_/);
    assert.partialDeepStrictEqual(shown, {
      url: "https://ci.example/hook",
      events: ["deployment.succeeded", "deployment.failed", "deployment.cancelled"],
      createdBy: "admin",
    });
    assert.deepEqual((await call("GET", "/v1/webhooks")).body.items, [shown]);
    const path = made.headers.get("location")!;
    assert.deepEqual((await call("GET", path)).body, shown);
    const { body } = await call("POST", `${path}/test`, {});
    const { items, nextCursor } = (await call("GET", `${path}/deliveries?state=pending`)).body;
    assert.partialDeepStrictEqual(items[0], {
      id: body.delivery,
      event: "webhook.test",
      attempts: 0,
      lastError: null,
    });
    assert.equal(nextCursor, null);
    assert.equal(
      (await call("POST", `${path}/replay`, { delivery: body.delivery })).body.code,
      "delivery-not-found",
    );
    assert.deepEqual((await call("POST", `${path}/replay`, {})).body, { replayed: 0 });
    assert.equal((await call("DELETE", path)).status, 204);
    assert.equal((await call("GET", path)).body.code, "webhook-not-found");
    assert.doesNotMatch(JSON.stringify(audit.entries), /canary|whsec_/);
  });

  it("are refused where they could never be delivered, naming the field", async () => {
    const { call } = await start();
    const fieldOf = async (body: object) => {
      const { status, body: problem } = await call("POST", "/v1/webhooks", { url: URL, ...body });
      assert.equal(status, 422, JSON.stringify(body));
      return [problem.code, problem.errors[0].path];
    };
    assert.deepEqual(await fieldOf({ url: "http://127.0.0.1/x" }), ["webhook-not-allowed", "url"]);
    assert.deepEqual(await fieldOf({ url: "ftp://x.example" }), ["invalid-field", "url"]);
    assert.deepEqual(await fieldOf({ secret: "whsec_eHg=" }), ["webhook-secret-invalid", "secret"]);
    assert.deepEqual(await fieldOf({ events: ["deployment.suceeded"] }), ["invalid-field", "events[0]"]);
    assert.deepEqual(await fieldOf({ events: [] }), ["invalid-field", "events"]);
  });
});
