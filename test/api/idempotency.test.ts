import assert from "node:assert/strict";
import { DEPLOYMENT, failRecord, NODE, startApi, stopAll } from "./fixture.ts";

describe("an Idempotency-Key", () => {
  afterEach(stopAll);

  const KEY = { "idempotency-key": "wave-1" };

  it("gives the same answer to the same request, whatever the order of its fields", async () => {
    const { call, records } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    const first = await call("POST", "/v1/deployments", DEPLOYMENT, KEY);
    const second = await call(
      "POST",
      "/v1/deployments",
      Object.fromEntries(Object.entries(DEPLOYMENT).toReversed()),
      KEY,
    );
    assert.equal(first.headers.get("idempotency-replayed"), null);
    assert.equal(second.headers.get("idempotency-replayed"), "true");
    assert.deepEqual([second.status, second.body], [202, first.body]);
    assert.equal(second.headers.get("location"), first.headers.get("location"));
    assert.equal((await records.list({ kind: "deployment", limit: 9 })).length, 1);
  });

  it("is refused for another body, and for another resource", async () => {
    const { call, records } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    const { body } = await call("POST", "/v1/deployments", DEPLOYMENT, KEY);
    const other = await call("POST", "/v1/deployments", { ...DEPLOYMENT, power: "off" }, KEY);
    assert.deepEqual([other.status, other.body.code], [422, "idempotency-key-reused"]);
    failRecord(records, body.id as string);
    assert.equal((await call("POST", `/v1/deployments/${body.id}/retry`, undefined, KEY)).status, 202);
    const elsewhere = await call("POST", "/v1/deployments/dep_other/retry", undefined, KEY);
    assert.equal(elsewhere.body.code, "idempotency-key-reused");
  });

  it("lets one of many requests at once through, and the others come again", async () => {
    const { call, records } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    const together = await Promise.all(
      Array.from({ length: 8 }, () => call("POST", "/v1/deployments", DEPLOYMENT, KEY)),
    );
    for (const { status, body } of together)
      assert.ok(status === 202 || body.code === "idempotency-in-progress");
    assert.equal((await records.list({ kind: "deployment", limit: 9 })).length, 1);
    assert.equal((await call("POST", "/v1/deployments", DEPLOYMENT, KEY)).status, 202);
  });

  it("keeps no refusal", async () => {
    const { call } = await startApi();
    assert.equal((await call("POST", "/v1/deployments", DEPLOYMENT, KEY)).status, 404);
    await call("POST", "/v1/nodes", NODE);
    assert.equal((await call("POST", "/v1/deployments", DEPLOYMENT, KEY)).status, 202);
  });

  it("must be 1 to 255 characters", async () => {
    const { call } = await startApi();
    const long = await call("POST", "/v1/deployments", DEPLOYMENT, { "idempotency-key": "k".repeat(256) });
    assert.deepEqual([long.status, long.body.code], [400, "invalid-header"]);
  });
});
