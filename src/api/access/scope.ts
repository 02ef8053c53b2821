import type { RecordStore } from "../../deploy/index.ts";
import { type Node, NodeError, type Nodes } from "../../nodes/index.ts";
import { Problem } from "../problem.ts";
import type { ScopeRule } from "./roles.ts";
import type { Caller } from "./tokens.ts";

/** Keeps callers to the nodes of their scope. What lies outside is answered as if it were not there. */
export interface Scopes {
  /** @throws NodeError `node-not-found` */
  node(caller: Caller, idOrName: string): Promise<void>;
  /** Whether a node is in the caller's scope; one that is gone is in nobody's. */
  sees(caller: Caller, nodeId: string): Promise<boolean>;
  /** Judges a request by its path. @throws NodeError, Problem that there is no such thing */
  path(caller: Caller, rule: ScopeRule, path: string, id: string): Promise<void>;
}

interface ScopesParts {
  nodes: Pick<Nodes, "get">;
  records: Pick<RecordStore, "get">;
}

export function createScopes({ nodes, records }: ScopesParts): Scopes {
  const node: Scopes["node"] = async (caller, idOrName) => {
    if (isUnbound(caller)) return;
    if (isInside(caller, await nodes.get(idOrName))) return;
    throw new NodeError(`there is no node ${idOrName} in the scope of this token`, {
      code: "node-not-found",
      hint: `The token sees nodes labelled ${say(caller.scope)}.`,
    });
  };
  const sees: Scopes["sees"] = async (caller, nodeId) => {
    if (isUnbound(caller)) return true;
    const found = await nodes.get(nodeId).catch((error: unknown) => {
      if (error instanceof NodeError && error.code === "node-not-found") return undefined;
      throw error;
    });
    return found !== undefined && isInside(caller, found);
  };
  return {
    node,
    sees,
    path: async (caller, rule, path, id) => {
      if (isUnbound(caller) || rule === "inside" || rule === "none") return;
      if (rule === "node") return node(caller, id);
      const kind = path.startsWith("/v1/operations/") ? "operation" : "deployment";
      const view = await records.get(id);
      if (view !== undefined && (await sees(caller, view.node.id))) return;
      throw new Problem(`${kind}-not-found`, `There is no ${kind} ${id}.`);
    },
  };
}

export function isUnbound({ scope }: Caller): boolean {
  return Object.keys(scope).length === 0;
}

function isInside({ scope }: Caller, { labels }: Node): boolean {
  return Object.entries(scope).every(([name, value]) => labels[name] === value);
}

function say(scope: Caller["scope"]): string {
  return Object.entries(scope)
    .map(([name, value]) => `${name}:${value}`)
    .join(", ");
}

/**
 * What a caller asks for, narrowed to its scope.
 *
 * @returns undefined where no node could fit both
 */
export function narrow(
  { scope }: Caller,
  labels: Record<string, string> = {},
): Record<string, string> | undefined {
  const clashes = Object.entries(scope).some(([name, value]) => (labels[name] ?? value) !== value);
  return clashes ? undefined : { ...labels, ...scope };
}
