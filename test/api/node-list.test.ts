import assert from "node:assert/strict";
import type { FleetQuery } from "../../src/api/index.ts";
import { shownNode } from "../../src/api/schemas/node.ts";
import { DEPLOYMENT, failRecord, FAILURE, NODE, startApi, startDeployed, stopAll } from "./fixture.ts";

describe("the list of nodes over the API", () => {
  afterEach(stopAll);

  const startAsked = async () => {
    const asked: FleetQuery[] = [];
    const list = async (query: FleetQuery) => {
      asked.push(query);
      return { rows: [], counts: { failed: 3, deployed: 5, deploying: 7 } };
    };
    const api = await startApi({ fleet: { list } });
    return { ...api, asked };
  };

  it("is narrowed, ordered and cut by the server", async () => {
    const { call, asked } = await startAsked();
    const query = "state=failed,deploying&power=On&health=Critical&text=r740%20ams&label=role:worker";
    const { status, body } = await call("GET", `/v1/nodes?${query}&sort=-deployed&offset=100&limit=50`);
    assert.equal(status, 200);
    assert.deepEqual(asked, [
      {
        states: ["failed", "deploying"],
        power: ["On"],
        health: ["Critical"],
        text: "r740 ams",
        labels: { role: "worker" },
        order: "deployed",
        isDescending: true,
        offset: 100,
        limit: 51,
      },
    ]);
    assert.equal(body.total, 10);
    assert.equal(body.counts.deployed, 5);
    assert.equal(body.counts.deployable, 0);
  });

  it("is whole and in order of ids unless told", async () => {
    const { call, asked } = await startAsked();
    assert.equal((await call("GET", "/v1/nodes")).body.total, 15);
    assert.deepEqual(asked, [{ order: "id", isDescending: false, offset: 0, limit: 101 }]);
  });

  it("refuses what it does not know, and a cursor where it means nothing", async () => {
    const { call } = await startAsked();
    for (const query of ["sort=colour", "state=tired", "offset=-1", "sort=name&cursor=djE6bm9kZV8x"]) {
      const { status, body } = await call("GET", `/v1/nodes?${query}`);
      assert.deepEqual([status, body.code], [400, "invalid-query"], query);
    }
  });

  it("shows how each node's newest deployment stands, as the single node does", async () => {
    const { call, id, records } = await startDeployed();
    failRecord(records, id);
    const { items } = (await call("GET", "/v1/nodes")).body;
    const { capabilities: _, ...one } = (await call("GET", `/v1/nodes/${NODE.name}`)).body;
    const { standing: __, ...bmc } = one.bmc;
    assert.deepEqual(shownNode.parse(items[0]), { ...one, bmc });
    const { deployment } = one;
    assert.deepEqual([deployment.id, deployment.state, deployment.error], [id, "failed", FAILURE]);
    assert.deepEqual([deployment.stepCount, deployment.progress], [8, null]);
    assert.equal(deployment.boot.iso.url, DEPLOYMENT.boot.iso.url);
  });
});
