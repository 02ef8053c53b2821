import assert from "node:assert/strict";
import type { Newest, NodeAnswer } from "../../src/client/index.ts";
import { nodeFacts, nodeStatus, recordStatus } from "../../src/web/page/status.ts";

function nodeOf(changes: Partial<NodeAnswer> = {}, health: string | null = null): NodeAnswer {
  const bmc = {
    address: "https://10.0.7.21",
    username: "root",
    tls: { mode: "verify" },
    systemId: null,
  } as const;
  return {
    id: "node_1",
    name: "rack1-u07",
    bmc: { ...bmc, insecure: false, health },
    state: "deployable",
    power: null,
    reachable: null,
    media: null,
    deployment: null,
    protected: false,
    maintenance: false,
    ...changes,
  } as NodeAnswer;
}
const newest = (changes: Partial<Newest>) =>
  ({ state: "running", cancelRequested: false, ...changes }) as Newest;
const words = (node: NodeAnswer) => nodeFacts(node).map(({ word }) => word);

describe("a node's status", () => {
  it("is one word with a tone, nearer to the deployment while one runs", () => {
    assert.deepEqual(nodeStatus(nodeOf()), { tone: "quiet", word: "deployable" });
    assert.deepEqual(nodeStatus(nodeOf({ state: "failed" })), { tone: "bad", word: "failed" });
    const deploying = (changes: Partial<Newest>) =>
      nodeStatus(nodeOf({ state: "deploying", deployment: newest(changes) })).word;
    assert.equal(deploying({}), "deploying");
    assert.equal(deploying({ state: "queued" }), "queued");
    assert.equal(deploying({ cancelRequested: true }), "cancelling");
    assert.equal(recordStatus("cancelled", true).word, "cancelled");
  });

  it("says power, media and health beside it, and what stands in the way", () => {
    assert.deepEqual(words(nodeOf()), ["power unknown"]);
    const media = { deploymentId: "dep_1", slot: "/Cd", eject: "on-reboot", until: null, owed: null };
    assert.deepEqual(words(nodeOf({ power: "On", media }, "Critical")), ["on", "disc in", "Critical"]);
    const troubled = nodeOf({
      media: { ...media, owed: "eject" },
      reachable: false,
      protected: true,
      maintenance: true,
    });
    assert.deepEqual(words(troubled).slice(1), ["clean-up owed", "unreachable", "protected", "maintenance"]);
  });
});
