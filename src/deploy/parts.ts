import type { AgentBoot, AgentBoots, AgentClient, AgentContact } from "../agent/index.ts";
import type {
  AdmittedDiskImage,
  Disc,
  DiskImageTerms,
  ImageRequest,
  ImageStore,
  InstanceNames,
  KernelArgsRequest,
  ReadCounts,
  StoredImage,
} from "../images/index.ts";
import type { Node, NodeObserved } from "../nodes/index.ts";
import type { BmcDescription, BmcPool, BmcTarget, Finding } from "../redfish/index.ts";
import type { NodeInventory } from "./agent/inventory.ts";
import type { Exposures } from "./exposure.ts";
import type { JournalParts } from "./journal.ts";
import type { ProvisionSettings } from "./provision-url.ts";
import type { DiscVia, ImageRole } from "./request.ts";
import type { RequestBlobs } from "./blobs.ts";
import type { DataName } from "./request-parts.ts";
import type { Transcripts } from "./transcripts.ts";
import type { Timing } from "./timing.ts";

/** The inventory as a deployment needs it. */
export interface NodeAccess {
  /** @returns undefined when there is no such node */
  find(idOrName: string): Promise<Node | undefined>;
  credentials(id: string): Promise<{ username: string; password: string }>;
  /** Other nodes whose machines are managed by the same BMC. */
  sharing(id: string): Promise<{ id: string; name: string }[]>;
  /** Keeps the certificate seen first for a node in TLS mode `pin` without a fingerprint. */
  pin(id: string, fingerprint: string): Promise<void>;
  /** @returns the other node that has this system already, if one has */
  observe(id: string, seen: Partial<NodeObserved>): Promise<Node | undefined>;
}

/** What a disc is to be made of. */
export interface DiscOrder {
  discId: string;
  /** Whose blobs they are. */
  holder: string;
  images: Partial<Record<ImageRole, StoredImage>>;
  kernelArgs: KernelArgsRequest;
  /** Whether an ironic-python-agent reads those arguments, which has another place to look for its own. */
  isForAgent: boolean;
  /** What is in the ramdisk is unpacked by the kernel before anything of it runs. */
  files: { path: string; content: Uint8Array | StoredImage; inRamdisk: boolean }[];
  /** Documents of the request; `networkData` is null where not even the node's are to be given. */
  data: Partial<Record<DataName, Buffer | null>>;
  /** What is known of the node, for discs that are made for it anyway and whose request says nothing. */
  nodeNetworkData: object | null;
  /** What data say of the machine unless they do. */
  names: InstanceNames;
  label: string | null;
  via: DiscVia;
  /** A second disc, where the BMC has a slot for one. */
  second: { discId: string; format: "iso" | "fat" } | null;
  arch: Node["arch"];
  bootMode: "uefi" | "bios" | null;
}

/** A disc, and what the record says about how it was made. */
export interface MadeDisc {
  disc: Disc;
  /** Where what is the node's own lies beside it. */
  second?: Disc;
  /** What was done to an image for this node, in words. */
  told: string[];
  /** What a person should know. */
  warnings: string[];
}

/** What is known of bytes. */
export interface ImageAccess extends Pick<ImageStore, "ensure" | "release"> {
  /** Judges the words alone. @throws ImageError `image-not-allowed` or `checksum-invalid` */
  admit(request: ImageRequest): void;
  /** Finds out what a request stands for now, so that it is the same later. @throws ImageError */
  resolve(request: ImageRequest): Promise<{ url: string }>;
  /** Asks the source without fetching; the holder, who is named, need not have it asked again at once. @throws ImageError */
  check(request: ImageRequest, holder?: string): Promise<unknown>;
  /**
   * Makes the disc of one deployment of images that it holds, without copying them.
   *
   * @throws ImageError `image-not-bootable`, `bootloader-not-found`, `files-invalid`, and those of patching: nothing was
   *   touched then
   */
  makeDisc(order: DiscOrder): Promise<MadeDisc>;
  /**
   * Judges by its content whether an image may be written to a disk, in the formats that the operator permits.
   *
   * @throws ImageError `iso-not-writable`, `image-unsafe`, `image-format-mismatch`, `image-format-not-permitted` or
   *   `image-not-bootable`
   */
  admitDisk(image: StoredImage, terms: Omit<DiskImageTerms, "permitted">): Promise<AdmittedDiskImage>;
}

/** Agents, as a deployment needs them. */
export interface AgentAccess {
  boots: AgentBoots;
  /** Formats of disk images that they may write. */
  formats: readonly string[];
  /** PEM of the authorities that they trust when they call us; null for those that they have. */
  ca: string | null;
  /** Reference of the container in which CoreOS runs the agent, and the credentials of its registry. */
  container: string | null;
  pullSecret: string | null;
  /** Speaks to the agent of a boot; connections are kept for a while. */
  open(boot: AgentBoot & { contact: AgentContact }): AgentClient;
}

/** What inspections found, the last of each node. */
export interface Inventories {
  save(inventory: NodeInventory): Promise<void>;
  /** @returns undefined for a node that was never inspected */
  find(nodeId: string): Promise<NodeInventory | undefined>;
}

/** Seals and opens texts, bound to the id of the record that they belong to. */
export interface Seals {
  seal(plain: string, boundTo: string): string;
  open(sealed: string, boundTo: string): string;
  /** 32 bytes derived from the master key for a purpose, so that a secret path needs no place to be kept. */
  derive(purpose: string): Buffer;
}

export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Everything that the runner and its steps are made of. */
export interface Parts extends JournalParts {
  nodes: NodeAccess;
  bmcs: BmcPool;
  examine: (
    bmcs: BmcPool,
    target: BmcTarget,
    onDescribed: (description: BmcDescription) => void,
  ) => Promise<Finding[]>;
  images: ImageAccess;
  blobs: RequestBlobs;
  exposures: Exposures;
  readCounts: ReadCounts;
  agents: AgentAccess;
  inventories: Inventories;
  transcripts: Transcripts;
  seals: Seals;
  provision: ProvisionSettings;
  timing: Timing;
  /** Whether no other process can work on these records, so that whatever an earlier one sent is over. */
  isAlone: boolean;
  log: Log;
}
