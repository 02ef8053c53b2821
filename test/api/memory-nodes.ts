import { ulid } from "ulid";
import { NodeError, type Nodes } from "../../src/api/node-door.ts";
import type { Node } from "../../src/nodes/index.ts";

const UNSEEN: Node["observed"] = {
  power: null,
  reachable: null,
  seenAt: null,
  systemPath: null,
  manufacturer: null,
  model: null,
  serialNumber: null,
  bmcHealth: null,
  media: null,
};

/** Nodes in memory. */
export interface MemoryNodes extends Nodes {
  passwords: Map<string, string>;
  find(idOrName: string): Promise<Node | undefined>;
}

export function createMemoryNodes(): MemoryNodes {
  const nodes = new Map<string, Node>();
  const passwords = new Map<string, string>();
  const find = async (idOrName: string) =>
    [...nodes.values()].find(({ id, name }) => id === idOrName || name === idOrName);
  const get = async (idOrName: string) => {
    const node = await find(idOrName);
    if (node !== undefined) return node;
    throw new NodeError(`there is no node ${idOrName}`, { code: "node-not-found" });
  };
  return {
    passwords,
    find,
    get,
    add: async (fields, password) => {
      const clash = await find(fields.name);
      if (clash !== undefined) {
        throw new NodeError(`node ${clash.id} has this name`, {
          code: "node-name-in-use",
          fields: [{ path: "name", message: "is in use" }],
        });
      }
      const at = new Date().toISOString();
      const node = {
        ...fields,
        id: `node_${ulid()}`,
        version: 1,
        createdAt: at,
        updatedAt: at,
        observed: UNSEEN,
      };
      nodes.set(node.id, node);
      passwords.set(node.id, password);
      return node;
    },
    list: async ({ labels, after, limit }) =>
      [...nodes.values()]
        .filter((node) => Object.entries(labels ?? {}).every(([name, value]) => node.labels[name] === value))
        .filter(({ id }) => after === undefined || id > after)
        .toSorted((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, limit),
    change: async (idOrName, version, { bmc, password, ...changes }) => {
      const node = await get(idOrName);
      if (version !== null && version !== node.version) {
        throw new NodeError(`node ${node.name} has changed since`, { code: "node-version-stale" });
      }
      const changed = { ...node, ...changes, bmc: { ...node.bmc, ...bmc }, version: node.version + 1 };
      nodes.set(node.id, changed);
      if (password !== undefined) passwords.set(node.id, password);
      return changed;
    },
    remove: async (idOrName) => {
      nodes.delete((await get(idOrName)).id);
    },
  };
}
