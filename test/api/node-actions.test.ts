import assert from "node:assert/strict";
import { shownOperation } from "../../src/api/schemas/operation.ts";
import { DEPLOYMENT, NODE, startApi, stopAll } from "./fixture.ts";

describe("node actions over the API", () => {
  afterEach(stopAll);

  it("are accepted as operations that can be read", async () => {
    const { call } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    const accepted = await call("POST", "/v1/nodes/rack1-u07/power", { action: "on" });
    assert.equal(accepted.status, 202);
    const read = await call("GET", accepted.headers.get("location")!);
    assert.equal(read.status, 200);
    assert.deepEqual(shownOperation.parse(read.body), read.body);
    assert.deepEqual([read.body.kind, read.body.action, read.body.state], ["power", "on", "queued"]);
  });

  it("are held with waitMs, and then give the result", async () => {
    const { call, records } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    const held = call("POST", "/v1/nodes/rack1-u07/preflight?waitMs=5000", {});
    const id = await seen(async () => (await records.list({ kind: "operation", limit: 1 }))[0]?.id);
    records.add(id, { type: "started" });
    const result = [{ check: "reachable", outcome: "pass", detail: "answered", hint: null }];
    records.add(id, { type: "succeeded", clean: true, result });
    const { status, body } = await held;
    assert.equal(status, 200);
    assert.deepEqual(body.result, result);
  });

  it("are still 202 when waitMs has passed before the end", async () => {
    const { call } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    assert.equal((await call("POST", "/v1/nodes/rack1-u07/media/eject?waitMs=20")).status, 202);
  });

  it("name the deployment that is in the way", async () => {
    const { call } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    const { body: deployment } = await call("POST", "/v1/deployments", DEPLOYMENT);
    const busy = await call("POST", "/v1/nodes/rack1-u07/power", { action: "force-off" });
    assert.equal(busy.status, 409);
    assert.equal(busy.body.code, "node-busy");
    assert.equal(busy.body.deploymentId, deployment.id);
  });

  it("are refused on a protected node", async () => {
    const { call } = await startApi();
    await call("POST", "/v1/nodes", { ...NODE, protected: true });
    const refused = await call("POST", "/v1/nodes/rack1-u07/power", { action: "off" });
    assert.deepEqual([refused.status, refused.body.code], [409, "node-protected"]);
  });

  it("of unknown nodes and operations are 404", async () => {
    const { call } = await startApi();
    assert.equal(
      (await call("POST", "/v1/nodes/nobody/power", { action: "on" })).body.code,
      "node-not-found",
    );
    assert.equal((await call("GET", "/v1/operations/op_none")).body.code, "operation-not-found");
  });
});

async function seen<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
