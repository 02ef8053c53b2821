/** How the certificate of a BMC is judged; see redfish/tls.ts. */
export type NodeTls =
  | { mode: "verify"; ca?: string }
  | { mode: "pin"; fingerprint?: string }
  | { mode: "insecure" };

/** How to reach a node's BMC. The password is not here: it is sealed beside the record and never shown. */
export interface NodeBmc {
  /** Scheme, host and port. */
  address: string;
  username: string;
  tls: NodeTls;
  /** Redfish Id or `@odata.id` of the system; null lets the tree decide. */
  systemId: string | null;
}

/** What a person says of a node. */
export interface NodeFields {
  name: string;
  bmc: NodeBmc;
  arch: "x86_64" | "aarch64";
  bootMode: "uefi" | "bios" | null;
  macs: string[];
  site: string | null;
  rack: string | null;
  labels: Record<string, string>;
  /** Refuses deployments, power-off, eject and clean. */
  protected: boolean;
  maintenance: boolean;
  /** OpenStack's network_data.json, for discs that are made for this node; its shape is the API's business. */
  networkData: Record<string, unknown> | null;
  /** Base URL that this node's BMC is given for discs; null lets the settings decide. */
  provisionUrl: string | null;
  /** By which hints the agent finds the disk to write to; null lets it take the smallest that is large enough. */
  rootDevice: Record<string, unknown> | null;
  /** Whether the disks lose their metadata before each deployment by the agent, and after one that came to no good end. */
  cleaning: { before: boolean; after: boolean };
  /** The agent of this node; null for the one that the settings have for its architecture. */
  agent: NodeAgent | null;
}

/** An image of the agent, as an address and a digest. */
export interface AgentImage {
  url: string;
  checksum: string | null;
  /** One file of what the URL leads to. */
  member?: string;
  /** How the certificate of its server is judged: PEM of authorities beside the system's, or one certificate alone. */
  tls?: { ca?: string; fingerprint?: string };
  /** What its server asks for; see agent-image.ts. Never shown. */
  sealedAuth?: string;
}

export interface NodeAgent {
  /** `ipa` is a ramdisk with the agent; `coreos` a live system of CoreOS that runs it as a container. */
  kind: "ipa" | "coreos";
  /** Null where the settings' images are taken. */
  kernel: AgentImage | null;
  ramdisk: AgentImage | null;
  /** In place of kernel and ramdisk: an ISO with the agent, or of CoreOS its live ISO. */
  iso?: AgentImage | null;
  /** Of CoreOS: what its ramdisk reads beside itself. */
  rootfs?: AgentImage | null;
  /** Of CoreOS: an Ignition config for the live system, merged over the one that starts the agent. */
  ignition?: Record<string, unknown> | null;
  /** Put behind what the agent's kernel line says anyway. */
  kernelArgs: string;
}

/** The disc that a node carries, and what is owed about it. */
export interface NodeMedia {
  deploymentId: string;
  /** `@odata.id` of the slot. */
  slot: string;
  /** Of a second disc beside it, where there is one. */
  secondSlot?: string;
  /** The eject policy under which it stays. */
  eject: string;
  /** Until when it is served; null while nothing limits it. */
  until: string | null;
  /** What a clean-up could not do; null when nothing is owed. */
  owed: string | null;
}

/** What was last seen of a node, each fact by whoever saw it. */
export interface NodeObserved {
  power: string | null;
  reachable: boolean | null;
  seenAt: string | null;
  /** `@odata.id` of the system that `systemId` led to. */
  systemPath: string | null;
  manufacturer: string | null;
  model: string | null;
  serialNumber: string | null;
  bmcHealth: string | null;
  media: NodeMedia | null;
  /** What it can do, for people; null while unknown. */
  capabilities: NodeCapabilities | null;
  /** What the BMC was described as, so that the next look at it need not read all of it again; null while unknown. */
  described: NodeDescribed | null;
}

/** What a BMC showed of itself and of its machine, as far as it matters to a deployment. */
export interface NodeCapabilities {
  at: string;
  redfishVersion: string | null;
  biosVersion: string | null;
  /** Of the managers, the system's own first. */
  managers: { path: string; model: string | null; firmwareVersion: string | null }[];
  /** Those to try first come first; only a preflight looks for all there are. */
  slots: { path: string; under: "system" | "manager"; types: string[]; takesDisc: boolean; ways: string[] }[];
  /** What is missing where no slot takes a disc. */
  lack: string | null;
  /** The resource whose HttpBootUri the firmware fetches, where no slot works; null where it offers no UEFI HTTP boot. */
  httpBoot: string | null;
  /** Null where the BMC lists none. */
  bootTargets: string[] | null;
  resetTypes: string[] | null;
  /** Whether the machine's boot progress can be seen. */
  hasBootProgress: boolean;
  quirks: { name: string; why: string }[];
  /** By what a disc was brought in and booted last, after other ways had failed. */
  preferred: { path: string; media: string; boot: string } | null;
}

/** A description of a BMC in the words of whoever made it, as plain data. */
export interface NodeDescribed {
  at: string;
  /** Version of the node's fields that it was made with: with another address or system it means nothing. */
  nodeVersion: number;
  description: object;
}

/** One machine and how to reach its BMC. */
export interface Node extends NodeFields {
  /** `node_` and a ULID. */
  id: string;
  /** Raised by each change of the fields; the ETag. */
  version: number;
  createdAt: string;
  updatedAt: string;
  observed: NodeObserved;
}

/** A node as it is kept. */
export interface StoredNode {
  node: Node;
  /** `origin` of the BMC's address; two nodes of one origin must name different systems. */
  bmcOrigin: string;
  /** Sealed BMC password, bound to the node's id. */
  sealedPassword: string;
}

export interface NodeQuery {
  /** Labels that must all be there. */
  labels?: Record<string, string>;
  /** Only nodes after this id, in order of id. */
  after?: string;
  limit: number;
}

/**
 * Where nodes are kept. Each call is one transaction.
 *
 * Two nodes clash when they share `bmcOrigin` and either names no system, or both name the same one (by `systemId` or by
 * the observed `systemPath`).
 */
export interface NodeStore {
  /** @returns the node that is in the way: of the same name, or on the same BMC and system; undefined when stored */
  insert(stored: StoredNode): Promise<{ clash: "name" | "bmc"; with: Node } | undefined>;
  /** The same of a node that is not to be stored. */
  clash(stored: StoredNode): Promise<{ clash: "name" | "bmc"; with: Node } | undefined>;
  get(idOrName: string): Promise<StoredNode | undefined>;
  list(query: NodeQuery): Promise<Node[]>;
  /** Replaces a node of that version. @returns "stale" when the version moved on, or the node in the way */
  replace(
    stored: StoredNode,
    version: number,
  ): Promise<"stale" | { clash: "name" | "bmc"; with: Node } | undefined>;
  /** Other nodes of the same `bmcOrigin`. */
  sharing(id: string): Promise<{ id: string; name: string }[]>;
  /** Merges what was seen, without raising the version. @returns the node in the way when `systemPath` clashes */
  observe(id: string, seen: Partial<NodeObserved>): Promise<Node | undefined>;
  /** @returns the id of the record that holds the node, in which case it stays; undefined when it is gone */
  remove(id: string): Promise<string | undefined>;
}
