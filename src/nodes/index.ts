// Knows the inventory: node records, their secrets at rest and what was last seen of them.
// Must not know Redfish, deployments, the queue or SQL; where nodes are kept is the port `NodeStore`.
// Begin with node.ts.
export type {
  Node,
  NodeBmc,
  NodeFields,
  NodeMedia,
  NodeObserved,
  NodeQuery,
  NodeStore,
  NodeTls,
  StoredNode,
} from "./node.ts";
