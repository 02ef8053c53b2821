import assert from "node:assert/strict";
import { shownNode } from "../../src/api/schemas/node.ts";
import { DEPLOYMENT, failRecord, finish, NODE, startApi, stopAll } from "./fixture.ts";

const CAPABILITIES = {
  at: "2026-01-01T00:00:00.000Z",
  redfishVersion: "1.17.0",
  biosVersion: null,
  managers: [],
  slots: [
    { path: "/redfish/v1/Cd", under: "system" as const, types: ["CD"], takesDisc: true, ways: ["action"] },
  ],
  lack: null,
  httpBoot: null,
  bootTargets: ["Cd"],
  resetTypes: null,
  hasBootProgress: true,
  quirks: [{ name: "late-read-back", why: "It shows a disc some seconds late." }],
  preferred: null,
};

describe("nodes over the API", () => {
  afterEach(stopAll);

  it("are added, and shown without their password", async () => {
    const { call, nodes } = await startApi();
    const added = await call("POST", "/v1/nodes", NODE);
    assert.equal(added.status, 201);
    assert.equal(added.headers.get("location"), `/v1/nodes/${added.body.id}`);
    assert.equal(nodes.passwords.get(added.body.id), "canary-password");
    for (const path of [`/v1/nodes/${added.body.id}`, "/v1/nodes/rack1-u07"]) {
      const read = await call("GET", path);
      assert.equal(read.status, 200);
      assert.deepEqual(shownNode.parse(read.body), read.body);
      assert.equal(read.body.state, "deployable");
      assert.doesNotMatch(JSON.stringify(read.body), /canary/);
    }
  });

  it("show a password on the way in clear as insecure", async () => {
    const { call } = await startApi();
    const added = await call("POST", "/v1/nodes", {
      ...NODE,
      bmc: { ...NODE.bmc, address: "http://10.0.7.21" },
    });
    assert.equal(added.body.bmc.insecure, true);
  });

  it("show what their BMC showed, and how we stand with it, one by one", async () => {
    const outage = { failures: 7, since: "2026-01-01T00:00:00.000Z", nextTryAt: "2026-01-01T00:01:00.000Z" };
    const tried: string[] = [];
    const bmcs = {
      standing: async () => ({ hasSession: true, outage }),
      tryAgain: async ({ address }: { address: string }) => void tried.push(address),
    };
    const { call, nodes } = await startApi({ bmcs });
    const { body: added } = await call("POST", "/v1/nodes", NODE);
    assert.equal(added.capabilities, null);
    const managers = [{ path: "/redfish/v1/Managers/1", model: "iDRAC9", firmwareVersion: "7.10.50" }];
    const capabilities = { ...CAPABILITIES, managers };
    await nodes.observe(added.id, { capabilities, bmcHealth: "Warning" });
    const { body: node } = await call("GET", `/v1/nodes/${added.id}`);
    assert.deepEqual(shownNode.parse(node), node);
    assert.deepEqual(node.capabilities, capabilities);
    const { model, firmware, health, standing } = node.bmc;
    assert.deepEqual([model, firmware, health], ["iDRAC9", "7.10.50", "Warning"]);
    assert.deepEqual(standing, { hasSession: true, outage });
    const { body: list } = await call("GET", "/v1/nodes");
    assert.deepEqual([list.items[0].bmc.firmware, list.items[0].capabilities], ["7.10.50", undefined]);
    assert.equal((await call("POST", `/v1/nodes/${NODE.name}/breaker/reset`, {})).status, 204);
    assert.deepEqual(tried, [NODE.bmc.address]);
  });

  it("follow their newest deployment in what they show as state", async () => {
    const { call, records } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    const state = async () => (await call("GET", "/v1/nodes/rack1-u07")).body.state as string;
    const first = (await call("POST", "/v1/deployments", DEPLOYMENT)).body.id as string;
    assert.equal(await state(), "deploying");
    failRecord(records, first);
    assert.equal(await state(), "failed");
    await new Promise((resolve) => setTimeout(resolve, 2));
    finish(records, (await call("POST", "/v1/deployments", DEPLOYMENT)).body.id as string);
    assert.equal(await state(), "deployed");
  });

  it("change in the fields given, under If-Match", async () => {
    const { call, nodes } = await startApi();
    const added = await call("POST", "/v1/nodes", NODE);
    const etag = added.headers.get("etag")!;
    const change = { rack: "r1", bmc: { password: "canary-second" } };
    const changed = await call("PATCH", "/v1/nodes/rack1-u07", change, { "if-match": etag });
    assert.equal(changed.status, 200);
    assert.equal(changed.body.rack, "r1");
    assert.equal(changed.body.bmc.address, NODE.bmc.address);
    assert.equal(nodes.passwords.get(added.body.id), "canary-second");
    const late = await call("PATCH", "/v1/nodes/rack1-u07", { rack: "r2" }, { "if-match": etag });
    assert.equal(late.status, 412);
    assert.equal(late.body.code, "node-version-stale");
    const odd = await call("PATCH", "/v1/nodes/rack1-u07", { rack: "r2" }, { "if-match": "yesterday" });
    assert.equal(odd.body.code, "invalid-header");
  });

  it("are listed in pages, and by label", async () => {
    const { call } = await startApi();
    for (const [index, role] of ["worker", "store", "worker"].entries()) {
      await call("POST", "/v1/nodes", { ...NODE, name: `n${index}`, labels: { role } });
    }
    const first = await call("GET", "/v1/nodes?limit=2");
    const second = await call("GET", `/v1/nodes?limit=2&cursor=${first.body.nextCursor}`);
    const names = [...first.body.items, ...second.body.items].map(({ name }) => name as string);
    assert.deepEqual(names.toSorted(), ["n0", "n1", "n2"]);
    assert.equal(second.body.nextCursor, null);
    const workers = await call("GET", "/v1/nodes?label=role:worker");
    assert.equal(workers.body.items.length, 2);
  });

  it("answer 304 while nothing has changed", async () => {
    const { call } = await startApi();
    const { headers } = await call("POST", "/v1/nodes", NODE);
    const etag = headers.get("etag")!;
    assert.equal(
      (await call("GET", "/v1/nodes/rack1-u07", undefined, { "if-none-match": etag })).status,
      304,
    );
    await call("PATCH", "/v1/nodes/rack1-u07", { rack: "r9" });
    assert.equal(
      (await call("GET", "/v1/nodes/rack1-u07", undefined, { "if-none-match": etag })).status,
      200,
    );
  });

  it("are removed", async () => {
    const { call } = await startApi();
    await call("POST", "/v1/nodes", NODE);
    assert.equal((await call("DELETE", "/v1/nodes/rack1-u07")).status, 204);
    const gone = await call("GET", "/v1/nodes/rack1-u07");
    assert.equal(gone.status, 404);
    assert.equal(gone.body.code, "node-not-found");
    assert.match(gone.headers.get("content-type")!, /^application\/problem\+json/);
  });

  it("refuse a name that is taken, naming the field", async () => {
    const { call } = await startApi();
    const first = await call("POST", "/v1/nodes", NODE);
    const second = await call("POST", "/v1/nodes", NODE);
    assert.equal(second.status, 409);
    assert.equal(second.body.code, "node-name-in-use");
    assert.deepEqual(second.body.errors, [{ path: "name", message: `is in use by ${first.body.id}` }]);
  });
});
