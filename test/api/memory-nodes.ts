import {
  createNodes,
  type Node,
  type Nodes,
  type NodeStore,
  type StoredNode,
} from "../../src/nodes/index.ts";

/** The real inventory over a store in memory; `passwords` holds what was sealed, by node. */
export interface MemoryNodes extends Nodes {
  passwords: Map<string, string>;
}

export function createMemoryNodes(): MemoryNodes {
  const passwords = new Map<string, string>();
  const secrets = {
    seal: (plain: string, boundTo: string) => {
      passwords.set(boundTo.split("/")[0]!, plain);
      return "sealed";
    },
    open: (_sealed: string, boundTo: string) => passwords.get(boundTo.split("/")[0]!)!,
  };
  return { passwords, ...createNodes({ store: createMemoryStore(), secrets, clock: Date.now }) };
}

function createMemoryStore(): NodeStore {
  const kept = new Map<string, StoredNode>();
  const nodes = () => [...kept.values()].map(({ node }) => node);
  const clashOf = ({ node }: StoredNode) => {
    const other = nodes().find(({ id, name }) => id !== node.id && name === node.name);
    return other === undefined ? undefined : { clash: "name" as const, with: other };
  };
  const put = (stored: StoredNode) => {
    const clash = clashOf(stored);
    if (clash === undefined) kept.set(stored.node.id, stored);
    return clash;
  };
  const carries = (node: Node, labels: Record<string, string>) =>
    Object.entries(labels).every(([name, value]) => node.labels[name] === value);
  return {
    clash: async (stored) => clashOf(stored),
    insert: async (stored) => put(stored),
    get: async (idOrName) =>
      [...kept.values()].find(({ node }) => node.id === idOrName || node.name === idOrName),
    list: async ({ labels = {}, after = "", limit }) =>
      nodes()
        .filter((node) => carries(node, labels) && node.id > after)
        .toSorted((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, limit),
    replace: async (stored, version) =>
      kept.get(stored.node.id)?.node.version === version ? put(stored) : "stale",
    async sharing(id) {
      const { bmcOrigin } = kept.get(id)!;
      const others = [...kept.values()].filter((one) => one.bmcOrigin === bmcOrigin && one.node.id !== id);
      return others.map(({ node }) => ({ id: node.id, name: node.name }));
    },
    async observe(id, seen) {
      const { node } = kept.get(id)!;
      node.observed = { ...node.observed, ...seen };
      return undefined;
    },
    async remove(id) {
      kept.delete(id);
      return undefined;
    },
  };
}
