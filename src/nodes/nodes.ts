import { ulid } from "ulid";
import { type NodeAgentInput, sealAgent } from "./agent-image.ts";
import { NodeError } from "./errors.ts";
import { completeFields, type NodeInput, originOf } from "./fields.ts";
import type { Node, NodeBmc, NodeFields, NodeObserved, NodeQuery, NodeStore, StoredNode } from "./node.ts";
import type { SecretBox } from "./secrets.ts";

/** What is absent stays; `bmc.tls` is replaced as a whole. */
export type NodeChanges = Partial<Omit<NodeFields, "bmc" | "agent">> & {
  agent?: NodeAgentInput | null;
  bmc?: Partial<NodeBmc>;
  password?: string;
};

/** A new node as a person describes it. */
export type NewNode = Omit<NodeInput, "agent"> & { agent?: NodeAgentInput | null };

/** The inventory. All methods that name a node throw NodeError `node-not-found`, but for `find`, `pin` and `observe`. */
export interface Nodes {
  /** @throws NodeError `node-field-invalid`, `node-name-in-use`, `bmc-in-use` */
  add(fields: NewNode, password: string): Promise<Node>;
  /** The same without adding it. @returns the node that it would be */
  judge(fields: NewNode, password: string): Promise<Node>;
  get(idOrName: string): Promise<Node>;
  find(idOrName: string): Promise<Node | undefined>;
  list(query: NodeQuery): Promise<Node[]>;
  /**
   * @param version the one that the caller has seen; null changes whatever is there
   * @throws NodeError `node-version-stale` and those of `add`
   */
  change(idOrName: string, version: number | null, changes: NodeChanges): Promise<Node>;
  /** @throws NodeError `node-deploying` while a deployment or operation has the node */
  remove(idOrName: string): Promise<void>;
  /** @throws NodeError `secret-unreadable` */
  credentials(idOrName: string): Promise<{ username: string; password: string }>;
  /** Other nodes at the same origin of a BMC. */
  sharing(id: string): Promise<{ id: string; name: string }[]>;
  /** Keeps the certificate seen first, in TLS mode `pin` without a fingerprint; changes nothing otherwise. */
  pin(id: string, fingerprint: string): Promise<void>;
  /** Merges what was seen. @returns the other node that has this system already, and then nothing is merged */
  observe(id: string, seen: Partial<NodeObserved>): Promise<Node | undefined>;
}

interface NodesParts {
  store: NodeStore;
  secrets: Pick<SecretBox, "seal" | "open">;
  /** Milliseconds since 1970. */
  clock: () => number;
}

const UNSEEN: NodeObserved = {
  power: null,
  reachable: null,
  seenAt: null,
  systemPath: null,
  manufacturer: null,
  model: null,
  serialNumber: null,
  bmcHealth: null,
  media: null,
  capabilities: null,
  described: null,
};

export function createNodes(parts: NodesParts): Nodes {
  const { store, secrets } = parts;
  return {
    add: async (fields, password) => {
      const made = make(parts, fields, password);
      return keepUnlessClash(made, await store.insert(made));
    },
    judge: async (fields, password) => {
      const made = make(parts, fields, password);
      return keepUnlessClash(made, await store.clash(made));
    },
    get: async (idOrName) => (await existing(store, idOrName)).node,
    find: async (idOrName) => (await store.get(idOrName))?.node,
    list: (query) => store.list(query),
    async change(idOrName, version, changes) {
      const changed = await change(parts, idOrName, version, () => changes);
      if (changed === undefined) throw notFound(idOrName);
      return changed;
    },
    async remove(idOrName) {
      const { node } = await existing(store, idOrName);
      const holder = await store.remove(node.id);
      if (holder !== undefined) throw deploying(node, holder);
    },
    async credentials(idOrName) {
      const { node, sealedPassword } = await existing(store, idOrName);
      return { username: node.bmc.username, password: secrets.open(sealedPassword, passwordOf(node.id)) };
    },
    async pin(id, fingerprint) {
      await change(parts, id, null, ({ bmc: { tls } }) =>
        tls.mode === "pin" && tls.fingerprint === undefined
          ? { bmc: { tls: { mode: "pin", fingerprint } } }
          : undefined,
      );
    },
    sharing: (id) => store.sharing(id),
    observe: (id, seen) => store.observe(id, seen),
  };
}

/** What the sealed password of a node is bound to: it opens for its own node only. */
export function passwordOf(id: string): string {
  return `${id}/bmc-password`;
}

function make({ secrets, clock }: NodesParts, given: NewNode, password: string): StoredNode {
  const id = `node_${ulid(clock())}`;
  const { agent = null, ...input } = given;
  const fields = completeFields({ ...input, agent: agent && sealAgent(secrets, agent, null, id) });
  refuseEmpty(password, fields.name);
  const now = new Date(clock()).toISOString();
  const node: Node = { id, ...fields, version: 1, createdAt: now, updatedAt: now, observed: UNSEEN };
  const sealedPassword = secrets.seal(password, passwordOf(id));
  return { node, bmcOrigin: originOf(fields.bmc.address)!, sealedPassword };
}

function keepUnlessClash({ node }: StoredNode, clash: Parameters<typeof inUse>[1] | undefined): Node {
  if (clash !== undefined) throw inUse(node, clash);
  return node;
}

/** Somebody else may change the node in between: then it is read again, unless the caller insists on what was seen. */
async function change(
  parts: NodesParts,
  idOrName: string,
  version: number | null,
  choose: (node: Node) => NodeChanges | undefined,
): Promise<Node | undefined> {
  for (;;) {
    const stored = await parts.store.get(idOrName);
    if (stored === undefined) return undefined;
    if (version !== null && stored.node.version !== version) throw stale(stored.node, version);
    const changes = choose(stored.node);
    if (changes === undefined) return stored.node;
    const next = applied(parts, stored, changes);
    const answer = await parts.store.replace(next, stored.node.version);
    if (answer === undefined) return (await parts.store.get(next.node.id))?.node;
    if (answer !== "stale") throw inUse(next.node, answer);
  }
}

function applied({ secrets, clock }: NodesParts, stored: StoredNode, changes: NodeChanges): StoredNode {
  const { password, bmc, agent, ...fields } = changes;
  const { node } = stored;
  const sealed = agent ? sealAgent(secrets, agent, node.agent, node.id) : agent;
  const complete = completeFields({
    ...node,
    ...fields,
    ...(sealed === undefined ? {} : { agent: sealed }),
    bmc: { ...node.bmc, ...bmc },
  });
  if (password !== undefined) refuseEmpty(password, node.name);
  return {
    node: { ...node, ...complete, version: node.version + 1, updatedAt: new Date(clock()).toISOString() },
    bmcOrigin: originOf(complete.bmc.address)!,
    sealedPassword:
      password === undefined ? stored.sealedPassword : secrets.seal(password, passwordOf(node.id)),
  };
}

async function existing(store: NodeStore, idOrName: string): Promise<StoredNode> {
  const stored = await store.get(idOrName);
  if (stored === undefined) throw notFound(idOrName);
  return stored;
}

function refuseEmpty(password: string, name: string): void {
  if (password !== "") return;
  throw new NodeError(`the node ${name} cannot be kept without a BMC password`, {
    code: "node-field-invalid",
    fields: [{ path: "bmc.password", message: "must not be empty" }],
  });
}

function notFound(idOrName: string): NodeError {
  return new NodeError(`there is no node ${idOrName}`, {
    code: "node-not-found",
    hint: "Name a node by its id or its name, as the list of nodes shows them.",
  });
}

function stale({ name, version }: Node, seen: number): NodeError {
  return new NodeError(`the node ${name} is at version ${version}, not ${seen} any more`, {
    code: "node-version-stale",
    hint: "Read the node again and repeat the change with its new ETag.",
  });
}

function deploying({ name }: Node, holder: string): NodeError {
  return new NodeError(`the node ${name} cannot be removed while ${holder} has it`, {
    code: "node-deploying",
    hint: `Cancel ${holder}, or wait for its end.`,
    inTheWay: holder,
  });
}

function inUse(node: Node, { clash, with: other }: { clash: "name" | "bmc"; with: Node }): NodeError {
  if (clash === "name")
    return new NodeError(`the name ${node.name} is in use by ${other.id}`, {
      code: "node-name-in-use",
      hint: "Choose another name.",
      fields: [{ path: "name", message: `is in use by ${other.id}` }],
      inTheWay: other.id,
    });
  return new NodeError(`the BMC ${node.bmc.address} is in use by the node ${other.name} (${other.id})`, {
    code: "bmc-in-use",
    hint: "Where one BMC has several systems, name a different one in bmc.systemId of each node.",
    fields: [{ path: "bmc.address", message: `is in use by the node ${other.name}` }],
    inTheWay: other.id,
  });
}
