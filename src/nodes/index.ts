// Knows the inventory: node records, their secrets at rest and what was last seen of them.
// Must not know Redfish, deployments, the queue or SQL; where nodes are kept is the port `NodeStore`.
// Begin with nodes.ts.
export {
  type AgentImageInput,
  type ImageLogin,
  loginOf,
  type NodeAgentInput,
  placeOfAgentImage,
  sealImage,
} from "./agent-image.ts";
export { NodeError, type NodeErrorCode } from "./errors.ts";
export type { NodeInput } from "./fields.ts";
export {
  loadMasterKey,
  type MasterKey,
  type MasterKeys,
  removeMasterKey,
  rotateMasterKey,
} from "./master-key.ts";
export type {
  AgentImage,
  Node,
  NodeAgent,
  NodeBmc,
  NodeCapabilities,
  NodeDescribed,
  NodeFields,
  NodeMedia,
  NodeObserved,
  NodeQuery,
  NodeStore,
  NodeTls,
  StoredNode,
} from "./node.ts";
export { createNodes, type NewNode, type NodeChanges, type Nodes, passwordOf } from "./nodes.ts";
export { createSecretBox, type SecretBox } from "./secrets.ts";
