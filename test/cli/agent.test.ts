import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeInventory } from "../../src/deploy/index.ts";
import { NODE, type Running, startApi, stopAll } from "../api/fixture.ts";
import { run } from "./fixture.ts";

const IMAGES = {
  x86_64: {
    kernel: { url: "http://images/agent.kernel" },
    ramdisk: { url: "http://images/agent.initramfs" },
  },
};
const BUNDLE = Buffer.from("a bundle");

describe("the agent by the command line", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "agent-cli-"))));
  after(() => rmSync(folder, { recursive: true }));
  afterEach(stopAll);

  async function start(changes: Parameters<typeof startApi>[0] = {}): Promise<Running> {
    const api = await startApi(changes);
    await api.call("POST", "/v1/nodes", NODE);
    await api.call("PUT", "/v1/settings/agent-images", IMAGES);
    return api;
  }

  it("is given steps in their order, with arguments in JSON", async () => {
    const api = await start();
    const steps = [
      "--agent-step",
      'raid.create_configuration={"delete": true}',
      "--agent-step",
      "install_coreos",
    ];
    const { json, status } = await run(api, ["deploy", "--node", NODE.name, ...steps, "--json"]);
    assert.equal(status, 0);
    assert.deepEqual(
      json.request.agent.steps.map((step: object) => ({ ...step, timeoutMs: 0 })),
      [
        {
          interface: "raid",
          step: "create_configuration",
          args: { delete: true },
          priority: 90,
          timeoutMs: 0,
        },
        { interface: "deploy", step: "install_coreos", args: {}, priority: 90, timeoutMs: 0 },
      ],
    );
    assert.equal(json.request.boot.kernel.url, IMAGES.x86_64.kernel.url);
  });

  it("is not sent steps that cannot be read", async () => {
    const api = await start();
    for (const wrong of ["deploy.", "deploy.x=[1]", "deploy.x={", "a b"])
      assert.equal((await run(api, ["deploy", "--node", NODE.name, "--agent-step", wrong])).status, 2, wrong);
  });

  it("inspects and cleans a node, the latter only when that is confirmed", async () => {
    const api = await start();
    const inspect = await run(api, ["node", "inspect", NODE.name, "--json"]);
    assert.equal(inspect.json.request.purpose, "inspect");
    await api.call("POST", `/v1/deployments/${inspect.json.id}/cancel`);
    const refused = await run(api, ["node", "clean", NODE.name]);
    assert.equal(refused.status, 1);
    assert.match(refused.err, /confirm/);
  });

  it("cleans a node when that is confirmed", async () => {
    const api = await start();
    const { json } = await run(api, ["node", "clean", NODE.name, "--confirm", "--json"]);
    assert.deepEqual(
      json.request.agent.steps.map(({ step }: { step: string }) => step),
      ["erase_devices_metadata"],
    );
  });

  it("shows what an inspection found, and what is recorded otherwise", async () => {
    const api = await start({ inventories: { find: async (nodeId) => inventoryOf(nodeId) } });
    const { out } = await run(api, ["node", "inventory", NODE.name]);
    assert.match(out, /\/dev\/sda {2}8 GiB {2}S-1/);
    assert.match(out, /arch is recorded as x86_64, and is aarch64/);
    const none = await run(await start(), ["node", "inventory", NODE.name]);
    assert.match(none.err, /never inspected/);
  });

  it("saves the agent's log where its owner alone reads it", async () => {
    const api = await start({ blobs: { add: async () => assert.fail(), read: async () => BUNDLE } });
    const { json } = await run(api, ["node", "inspect", NODE.name, "--json"]);
    const file = join(folder, "log.tar.gz");
    const missing = await run(api, ["deployment", "agent-log", json.id, "--out", file]);
    assert.equal(missing.status, 1);
    assert.ok(!existsSync(file));
    const view = (await api.records.get(json.id))!;
    view.facts["agentLog"] = { blob: "blob_1", sizeBytes: BUNDLE.length };
    assert.equal((await run(api, ["deployment", "agent-log", json.id, "--out", file])).status, 0);
    assert.deepEqual(readFileSync(file), BUNDLE);
  });
});

function inventoryOf(nodeId: string): NodeInventory {
  return {
    nodeId,
    deploymentId: "dep_1",
    at: "2026-01-01T00:00:00.000Z",
    inventory: {},
    data: {},
    rootDisks: [
      {
        name: "/dev/sda",
        sizeBytes: 8 * 2 ** 30,
        serial: "S-1",
        model: null,
        wwn: null,
        rotational: false,
        byPath: null,
      },
    ],
    macs: ["52:54:00:aa:00:01"],
    lldp: [],
    mismatches: [{ field: "arch", recorded: "x86_64", found: "aarch64" }],
  };
}
