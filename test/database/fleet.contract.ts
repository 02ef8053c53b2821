import assert from "node:assert/strict";
import type { FleetQuery } from "../../src/api/index.ts";
import type { Database } from "../../src/database/index.ts";
import type { DeploymentRequest } from "../../src/deploy/index.ts";
import type { Node, NodeObserved } from "../../src/nodes/index.ts";
import { accepted, newRecord } from "./fixture.ts";

const AT = "2026-01-01T00:00:00.000Z";

interface Wanted extends Partial<NodeObserved> {
  address?: string;
  labels?: Record<string, string>;
}

function nodeOf(name: string, { address, labels = {}, ...seen }: Wanted): Node {
  const bmc = {
    address: address ?? `https://${name}`,
    username: "root",
    tls: { mode: "verify" },
    systemId: null,
  } as const;
  const fields = {
    name,
    bmc,
    arch: "x86_64",
    bootMode: null,
    macs: [],
    site: null,
    rack: null,
    labels,
  } as const;
  const unseen = {
    power: null,
    reachable: null,
    seenAt: null,
    systemPath: null,
    manufacturer: null,
    model: null,
  };
  const observed = {
    ...unseen,
    serialNumber: null,
    bmcHealth: null,
    media: null,
    capabilities: null,
    described: null,
    ...seen,
  };
  const rest = {
    protected: false,
    maintenance: false,
    provisionUrl: null,
    networkData: null,
    rootDevice: null,
    cleaning: { before: false, after: false },
    agent: null,
    version: 1,
    createdAt: AT,
    updatedAt: AT,
  };
  return { id: `node_${name}`, ...fields, macs: [], ...rest, observed };
}

/** What every database must do with nodes and their newest deployments as one list. `open` gives an empty one. */
export function fleetContract(open: () => Promise<Database>): void {
  let database: Database;
  beforeEach(async () => {
    database = await open();
    await add("a", {
      power: "On",
      bmcHealth: "OK",
      manufacturer: "Dell Inc.",
      model: "PowerEdge R740",
      labels: { role: "db" },
    });
    await add("b", { power: "Off", model: "100%_Server", serialNumber: "XK7" });
    await add("c", { power: "On", bmcHealth: "Critical", address: "https://10.0.7.21" });
    await add("d", {});
  });
  afterEach(() => database.close());

  const add = async (name: string, wanted: Wanted) => {
    const node = nodeOf(name, wanted);
    await database.nodes.insert({ node, bmcOrigin: node.bmc.address, sealedPassword: "sealed" });
  };
  const deploy = async (
    nodeName: string,
    id: string,
    state: "failed" | "running" | "succeeded" | "cancelled",
    purpose: "deploy" | "inspect" | "clean" = "deploy",
  ) => {
    const record = newRecord({ id, nodeId: `node_${nodeName}`, state, node: "none", createdAt: AT });
    const request = { ...(record.view.request as DeploymentRequest), purpose };
    return accepted(database, { ...record, view: { ...record.view, request } });
  };
  const list = (query: Partial<FleetQuery> = {}) =>
    database.fleet.list({ order: "name", isDescending: false, offset: 0, limit: 10, ...query });
  const names = async (query: Partial<FleetQuery> = {}) =>
    (await list(query)).rows.map(({ node }) => node.name).join("");

  it("shows each node with its newest deployment, and whole", async () => {
    await deploy("a", "dep_1", "failed");
    await deploy("a", "dep_2", "succeeded");
    const { rows } = await list();
    assert.deepEqual(
      rows.map(({ newest }) => newest?.id),
      ["dep_2", undefined, undefined, undefined],
    );
    assert.deepEqual(rows[0]!.node, (await database.nodes.get("a"))!.node);
  });

  it("passes over operations, which are newer than the deployment they follow", async () => {
    await deploy("a", "dep_1", "failed");
    const operation = newRecord({ id: "op_1", nodeId: "node_a", node: "none" });
    await accepted(database, { ...operation, view: { ...operation.view, kind: "operation" } });
    assert.equal((await list()).rows[0]!.newest?.id, "dep_1");
  });

  it("counts states whatever state is asked for, and narrows by it", async () => {
    await deploy("a", "dep_1", "failed");
    await deploy("b", "dep_2", "running");
    await deploy("c", "dep_3", "cancelled");
    const counts = { failed: 1, deploying: 1, deployable: 2 };
    assert.deepEqual((await list()).counts, counts);
    assert.deepEqual((await list({ states: ["failed"] })).counts, counts);
    assert.equal(await names({ states: ["failed", "deploying"] }), "ab");
    assert.equal(await names({ states: ["deployable"] }), "cd");
    assert.equal(await names({ states: ["cleaning"] }), "");
  });

  it("tells what a node is worked on for, and calls none deployed that has only been looked at or cleaned", async () => {
    await deploy("a", "dep_1", "running", "inspect");
    await deploy("b", "dep_2", "running", "clean");
    await deploy("c", "dep_3", "succeeded", "inspect");
    await deploy("d", "dep_4", "failed", "clean");
    assert.deepEqual((await list()).counts, { inspecting: 1, cleaning: 1, deployable: 1, failed: 1 });
    assert.equal(await names({ states: ["inspecting"] }), "a");
    assert.equal(await names({ states: ["cleaning"] }), "b");
    assert.equal(await names({ states: ["deployable"] }), "c");
    assert.equal(await names({ order: "state" }), "dabc");
  });

  it("finds by power, health, label and words, which stand for themselves", async () => {
    assert.equal(await names({ power: ["On"] }), "ac");
    assert.equal(await names({ health: ["OK", "Critical"] }), "ac");
    assert.equal(await names({ labels: { role: "db" } }), "a");
    assert.equal(await names({ text: "dell POWEREDGE" }), "a");
    assert.equal(await names({ text: "0.0.7" }), "c");
    assert.equal(await names({ text: "xk7" }), "b");
    assert.equal(await names({ text: "100%_" }), "b");
    assert.equal(await names({ text: "1%7" }), "");
    assert.deepEqual((await list({ power: ["On"] })).counts, { deployable: 2 });
  });

  it("orders by each column, what is unknown last, and ties by name", async () => {
    await deploy("b", "dep_1", "failed");
    await deploy("d", "dep_2", "succeeded");
    assert.equal(await names({ order: "name", isDescending: true }), "dcba");
    assert.equal(await names({ order: "power" }), "bacd");
    assert.equal(await names({ order: "power", isDescending: true }), "acbd");
    assert.equal(await names({ order: "state" }), "bacd");
    assert.equal(await names({ order: "health" }), "cabd");
    assert.equal(await names({ order: "model" }), "bacd");
    assert.equal(await names({ order: "deployed" }), "bdac");
    assert.equal(await names({ order: "address" }), "cabd");
    assert.equal(await names({ order: "id" }), "abcd");
  });

  it("is cut into pages, by place and behind an id", async () => {
    assert.equal(await names({ offset: 1, limit: 2 }), "bc");
    assert.equal(await names({ order: "id", after: "node_b", limit: 1 }), "c");
  });
}
