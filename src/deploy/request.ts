import type { RootDeviceHints } from "../agent/index.ts";
import type { ImageRequest, KernelArgsRequest, WritableFormat } from "../images/index.ts";
import type { Node } from "../nodes/index.ts";
import type { DataName, FileSpec, PartSpec } from "./request-parts.ts";
import type { AgentJob } from "./agent/job.ts";

/** What a deployment is for: an operating system, an inventory, or clean disks. */
export type Purpose = "deploy" | "inspect" | "clean";

/** When a deployment has succeeded; docs/architecture.md and the API say what each means. */
export type Finish = "powered-on" | "disc-read" | "os-running" | "powered-off" | "callback" | "agent";

/** What is asked of Secure Boot: to be on, to be off, or nothing. */
export type SecureBoot = "required" | "forbidden" | "unchanged";

/** When the disc leaves the slot. */
export type EjectPolicy = "when-booted" | "on-reboot" | "on-callback" | "at-end" | "never";

/** An image as it is asked for. `auth` is kept apart, sealed, and never stands here. */
export interface ImageSpec {
  url: string;
  checksum: string | null;
  /** One file of what the URL leads to. */
  member?: string;
  /** How the certificate of its server is judged. */
  tls?: NonNullable<ImageRequest["tls"]>;
  /** The node's, which chooses from an artefact for several machines. */
  arch?: Node["arch"];
  /** The URL with the digest that a registry gave when the deployment was accepted; a tag may lead elsewhere later. */
  pinnedUrl?: string;
}

/** What an image is for. */
export type ImageRole = "iso" | "kernel" | "ramdisk" | "bootloader" | "rootfs" | WriteRole;
/** What is for the disk and not for the disc. */
export type WriteRole = "disk" | "config-drive";

/** What is booted: a ready ISO, or a kernel and a ramdisk of which a disc is made, perhaps with a boot loader of one's own. */
export type BootSpec =
  | { iso: ImageSpec }
  | { kernel: ImageSpec; ramdisk: ImageSpec; bootloader: ImageSpec | null; rootfs?: ImageSpec };

/** Whether what is the node's own is laid over a boot ISO, or on a second disc beside it; `auto`: beside where the ISO cannot take it. */
export type DiscVia = "auto" | "patch" | "second-disc";

/** What of the disc is for this node alone. */
export interface DiscSpec {
  kernelArgs: KernelArgsRequest;
  files: FileSpec[];
  /** How it gets to the machine; absent in records of earlier releases. */
  via?: DiscVia;
  /** Volume label; null lets what reads the disc decide. */
  label: string | null;
}

/** A disk image, and how the agent writes it. */
export interface WriteSpec {
  image: DiskImageSpec;
  /** Whether the agent gets the image from us, verified, or reads the image's own URL. */
  from: "store" | "source";
  /** Null leaves the disk to the node's hints, or to the agent. */
  rootDevice: RootDeviceHints | null;
  configDrive: ConfigDriveSpec;
  /** Writes also what does not look bootable. */
  force: boolean;
}

export interface DiskImageSpec extends ImageSpec {
  /** Null takes what is found. */
  format: WritableFormat | null;
  kind: "whole-disk" | "partition";
  /** Of the partitions that the agent makes for the image of one; null for a whole disk. */
  layout: PartitionLayout | null;
}

export interface PartitionLayout {
  rootMiB: number;
  swapMiB: number;
  ephemeralMiB: number;
}

/** What the written system is told about itself: made of the request's data, as it was given (sealed), or from a URL. */
export type ConfigDriveSpec =
  | { kind: "none" }
  | { kind: "made" }
  | { kind: "given"; sizeBytes: number }
  | { kind: "fetched"; image: ImageSpec };

/** A deployment as it was asked for, defaults filled in, without its secrets. */
export interface DeploymentRequest {
  nodeId: string;
  purpose: Purpose;
  boot: BootSpec;
  disc: DiscSpec;
  /** Absent where no disk image is written. */
  write?: WriteSpec;
  /** What the agent does; absent where none is booted. */
  agent?: AgentJob;
  /** For what boots, or for what is written. Absent in records of earlier releases. */
  data?: Partial<Record<DataName, PartSpec | null>>;
  finish: Finish;
  eject: EjectPolicy;
  bootPolicy: "once" | "persistent";
  bootMode: "uefi" | "bios" | null;
  /** Absent in records from before it could be asked for, and means `unchanged` there. */
  secureBoot?: SecureBoot;
  power: "on" | "off";
  whenBusy: "reject" | "queue";
  /** Counted from `startedAt`. */
  timeoutMs: number;
  /** How long an eject that is still due is carried after the end. */
  discTtlMs: number;
  labels: Record<string, string>;
}

/** Small recorded actions on a node. */
export type OperationAction =
  | { kind: "power"; action: "on" | "off" | "force-off" | "restart" | "power-cycle" }
  | { kind: "eject" }
  /** Restarts the BMC itself: a remedy, never done unasked. */
  | { kind: "bmc-reset" }
  /** With a canary it changes a slot for a moment, and needs the node for itself. */
  | { kind: "preflight"; boot: BootSpec | null; canary?: boolean }
  /** Ejects a disc that a deployment left in its slot, when its policy says so; made by the runner itself. */
  | { kind: "eject-when-due"; deploymentId: string };

export interface OperationRequest {
  nodeId: string;
  operation: OperationAction;
  timeoutMs: number;
}

/** What a request must keep secret: sealed as one JSON text, bound to the record's id. */
export interface RequestSecrets {
  callbackSecret?: string;
  /** Whether we chose it, since the caller did not. */
  isCallbackOurs?: true;
  imageAuth?: Partial<Record<ImageRole, ImageAuth>>;
  /** Contents of parts that stand in the request itself, by their names: `files[0]`, `userData`. */
  partsBase64?: Record<string, string>;
  /** A config drive that was given, as agents take it: gzip in base64. */
  configDrive?: string;
  /** Arguments of the agent's steps as they were given, in the order of the request; null where nothing was masked. */
  agentArgs?: (Record<string, unknown> | null)[];
}

export type ImageAuth = NonNullable<ImageRequest["auth"]>;

/** The images that a request names, by what they are for, in the order in which they are fetched. */
export function imagesOf({
  boot,
  write,
}: Pick<DeploymentRequest, "boot" | "write">): [ImageRole, ImageSpec][] {
  const booted = Object.entries(boot).filter(([, image]) => image !== null) as [ImageRole, ImageSpec][];
  return write === undefined ? booted : [...booted, ...writtenOf(write)];
}

function writtenOf({ image, configDrive }: WriteSpec): [WriteRole, ImageSpec][] {
  const disk: [WriteRole, ImageSpec] = ["disk", image];
  return configDrive.kind === "fetched" ? [disk, ["config-drive", configDrive.image]] : [disk];
}

/** Those of them that we fetch ourselves. */
export function fetchedImagesOf(
  request: Pick<DeploymentRequest, "boot" | "write">,
): [ImageRole, ImageSpec][] {
  return imagesOf(request).filter(([role]) => role !== "disk" || request.write?.from === "store");
}

/** Where in a request the image stands. */
export function pathOfImage(role: ImageRole): string {
  if (role === "disk") return "write.image";
  return role === "config-drive" ? "write.configDrive" : `boot.${role}`;
}

/** A request for one of them, with what its source asks for. */
export function imageRequest(
  role: ImageRole,
  { url, checksum, member, tls, arch, pinnedUrl }: ImageSpec,
  { imageAuth }: RequestSecrets,
): ImageRequest {
  const auth = imageAuth?.[role];
  return {
    url: pinnedUrl ?? url,
    checksum,
    ...(member === undefined ? {} : { member }),
    ...(tls === undefined ? {} : { tls }),
    ...(arch === undefined ? {} : { arch }),
    ...(auth === undefined ? {} : { auth }),
  };
}
