import assert from "node:assert/strict";
import type { Database } from "../../src/database/index.ts";
import {
  createNodes,
  createSecretBox,
  NodeError,
  type NodeErrorCode,
  type NodeInput,
  type Nodes,
} from "../../src/nodes/index.ts";
import { accepted, newRecord } from "../database/fixture.ts";

const INPUT: NodeInput = { name: "rack1-u07", bmc: { address: "https://10.0.7.21/", username: "root" } };
const secrets = createSecretBox([{ id: "k1", bytes: Buffer.alloc(32, 1) }]);

function named(name: string, bmc: Partial<NodeInput["bmc"]> = {}): NodeInput {
  return { name, bmc: { ...INPUT.bmc, ...bmc } };
}

async function fails(promise: Promise<unknown>, code: NodeErrorCode): Promise<NodeError> {
  const error = await promise.then(
    () => assert.fail(`succeeded, expected ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof NodeError, String(error));
  assert.equal(error.code, code);
  return error;
}

/** What the inventory does, on any database. `open` gives an empty one. */
export function nodesContract(open: () => Promise<Database>): void {
  let database: Database;
  let nodes: Nodes;
  beforeEach(async () => {
    database = await open();
    nodes = createNodes({ store: database.nodes, secrets, clock: () => Date.parse("2026-01-01T00:00:00Z") });
  });
  afterEach(() => database.close());

  it("narrow the list of their records by their labels", async () => {
    const ids: string[] = [];
    for (const [index, labels] of [{ team: "red", row: "1" }, { team: "blue" }].entries()) {
      const bmc = { address: `https://10.0.7.${index}` };
      const node = await nodes.add(
        { ...named(`n${index}`, bmc), labels: labels as Record<string, string> },
        "calvin",
      );
      await accepted(database, newRecord({ id: `dep_${index}`, nodeId: node.id, labels: { team: "red" } }));
      ids.push(node.id);
    }
    const list = async (nodeLabels: Record<string, string>) =>
      (await database.records.list({ kind: "deployment", limit: 10, nodeLabels })).map(({ id }) => id);
    assert.deepEqual(await list({}), ["dep_1", "dep_0"]);
    assert.deepEqual(await list({ team: "red" }), ["dep_0"]);
    assert.deepEqual(await list({ team: "blue", row: "1" }), []);
    await nodes.change(ids[0]!, null, { labels: { team: "blue" } });
    assert.deepEqual(await list({ team: "red" }), [], "the node counts as it is now");
  });

  it("are added with defaults, and the password is sealed and given to whoever logs in", async () => {
    const node = await nodes.add(INPUT, "calvin");
    assert.match(node.id, /^node_[0-9A-Z]{26}$/);
    assert.deepEqual(node.bmc, {
      address: "https://10.0.7.21",
      username: "root",
      tls: { mode: "verify" },
      systemId: null,
    });
    assert.equal(node.arch, "x86_64");
    assert.equal(node.version, 1);
    assert.equal(node.createdAt, "2026-01-01T00:00:00.000Z");
    assert.deepEqual(await nodes.get("rack1-u07"), node);
    assert.deepEqual(await nodes.get(node.id), node);
    assert.deepEqual(await nodes.credentials(node.id), { username: "root", password: "calvin" });
    assert.doesNotMatch(JSON.stringify(await database.nodes.get(node.id)), /calvin/);
  });

  it("are refused with every field that cannot stand", async () => {
    const bad: NodeInput = {
      ...named("-x", {
        address: "https://root:calvin@10.0.7.21/redfish",
        tls: { mode: "pin", fingerprint: "ab" },
      }),
      macs: ["52:54:00:12:34:56", "5254.0012.3456"],
      provisionUrl: "ftp://here",
    };
    const { fields } = await fails(nodes.add(bad, "p"), "node-field-invalid");
    assert.deepEqual(
      fields.map(({ path }) => path),
      ["name", "bmc.address", "bmc.tls.fingerprint", "provisionUrl", "macs.1"],
    );
    await fails(nodes.add(named("node_01JD5M6Q0W8Z9V7X6C5B4N3M2A"), "p"), "node-field-invalid");
    await fails(nodes.add(INPUT, ""), "node-field-invalid");
    for (const address of ["10.0.7.21", "ftp://10.0.7.21", "https://10.0.7.21?x", "https://", "https://a/#b"])
      await fails(nodes.add(named("n", { address }), "p"), "node-field-invalid");
    await fails(nodes.add(named("n", { tls: { mode: "verify", ca: "none" } }), "p"), "node-field-invalid");
  });

  it("do not share a name, nor a BMC unless they name different systems", async () => {
    const first = await nodes.add(INPUT, "p");
    const other = { address: "https://10.0.7.22" };
    assert.equal(
      (await fails(nodes.add(named("rack1-u07", other), "p"), "node-name-in-use")).inTheWay,
      first.id,
    );
    const error = await fails(nodes.add(named("u08", { systemId: "2" }), "p"), "bmc-in-use");
    assert.match(error.message, /rack1-u07/);
    await nodes.change(first.id, null, { bmc: { systemId: "1" } });
    const second = await nodes.add(named("u08", { systemId: "2" }), "p");
    await fails(nodes.add(named("u09", { systemId: "2" }), "p"), "bmc-in-use");
    await fails(nodes.change(second.id, null, { name: "rack1-u07" }), "node-name-in-use");
    assert.equal((await nodes.get(second.id)).name, "u08");
  });

  it("know the others of their BMC, and none but these", async () => {
    const first = await nodes.add(named("u07", { systemId: "1" }), "p");
    const second = await nodes.add(named("u08", { systemId: "2" }), "p");
    await nodes.add(named("u09", { address: "https://10.0.7.22" }), "p");
    assert.deepEqual(await nodes.sharing(first.id), [{ id: second.id, name: "u08" }]);
  });

  it("do not share a system that they name differently, once it was seen", async () => {
    const first = await nodes.add(named("u07", { systemId: "1" }), "p");
    const second = await nodes.add(named("u08", { systemId: "/redfish/v1/Systems/1/" }), "p");
    assert.equal(second.bmc.systemId, "/redfish/v1/Systems/1");
    const clash = await nodes.observe(first.id, { systemPath: "/redfish/v1/Systems/1", power: "on" });
    assert.equal(clash?.id, second.id);
    assert.equal((await nodes.get(first.id)).observed.power, null);
  });

  it("are changed under the version that was seen, or whatever is there", async () => {
    const { id } = await nodes.add(INPUT, "old");
    const changed = await nodes.change(id, 1, { rack: "r2", bmc: { username: "admin" }, password: "new" });
    assert.equal(changed.version, 2);
    assert.equal(changed.rack, "r2");
    assert.equal(changed.bmc.address, "https://10.0.7.21");
    assert.deepEqual(await nodes.credentials(id), { username: "admin", password: "new" });
    await fails(nodes.change(id, 1, { rack: "r3" }), "node-version-stale");
    await fails(nodes.change("nobody", null, {}), "node-not-found");
    const both = [nodes.change(id, null, { rack: "r4" }), nodes.change(id, null, { site: "ams1" })];
    await Promise.all(both);
    const node = await nodes.get(id);
    assert.deepEqual([node.version, node.rack, node.site], [4, "r4", "ams1"]);
  });

  it("keep what was seen, until they are another system", async () => {
    const { id } = await nodes.add(INPUT, "p");
    const media = { deploymentId: "d", slot: "s", eject: "never", until: null, owed: "eject" };
    await nodes.observe(id, { power: "on", model: "R650", media });
    await nodes.observe(id, { power: "off" });
    const node = await nodes.change(id, null, { rack: "r2" });
    assert.deepEqual([node.observed.power, node.observed.model], ["off", "R650"]);
    const moved = await nodes.change(id, null, { bmc: { address: "https://10.0.7.30" } });
    assert.deepEqual([moved.observed.power, moved.observed.model], [null, null]);
    assert.deepEqual(moved.observed.media, media, "a debt stays");
  });

  it("pin the certificate that was seen first, and no second one", async () => {
    const { id } = await nodes.add(named("u07", { tls: { mode: "pin" } }), "p");
    const [first, second] = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`);
    await nodes.pin(id, first!);
    await nodes.pin(id, second!);
    assert.deepEqual((await nodes.get(id)).bmc.tls, { mode: "pin", fingerprint: first });
  });

  it("are removed, but not while a record has them", async () => {
    const free = await nodes.add(named("u08", { address: "https://10.0.7.22" }), "p");
    await nodes.remove("u08");
    await fails(nodes.get(free.id), "node-not-found");
    const busy = await nodes.add(INPUT, "p");
    const { id } = await accepted(database, newRecord({ nodeId: busy.id }));
    assert.equal((await fails(nodes.remove(busy.id), "node-deploying")).inTheWay, id);
    await fails(nodes.credentials("nobody"), "node-not-found");
  });

  it("are listed in order, by label, from where the last page ended", async () => {
    for (const [index, wave] of ["1", "2", "1"].entries())
      await nodes.add(
        { ...named(`u${index}`, { address: `https://10.0.0.${index}` }), labels: { wave } },
        "p",
      );
    const all = await nodes.list({ limit: 10 });
    assert.deepEqual(
      all.map(({ id }) => id),
      all.map(({ id }) => id).toSorted(),
    );
    assert.deepEqual((await nodes.list({ limit: 10, after: all[0]!.id })).length, 2);
    const first = await nodes.list({ limit: 10, labels: { wave: "1" } });
    assert.deepEqual(
      first.map(({ labels }) => labels.wave),
      ["1", "1"],
    );
    await nodes.change(first[0]!.id, null, { labels: {} });
    assert.equal((await nodes.list({ limit: 10, labels: { wave: "1" } })).length, 1);
  });
}
