import type { RootDeviceHints } from "../agent/index.ts";
import type { ImageErrorCode, ImageRequest, KernelArgsRequest } from "../images/index.ts";
import type { Node } from "../nodes/index.ts";
import type { PartInput } from "./request-parts.ts";
import type { AgentStepInput, CollectLogs } from "./agent/job.ts";
import type {
  DiscVia,
  DiskImageSpec,
  EjectPolicy,
  Finish,
  ImageAuth,
  PartitionLayout,
  Purpose,
  SecureBoot,
  WriteSpec,
} from "./request.ts";

export interface ImageInput {
  url: string;
  checksum?: string;
  member?: string;
  tls?: NonNullable<ImageRequest["tls"]>;
  auth?: ImageAuth;
}

export interface WriteInput {
  image: ImageInput &
    Partial<Pick<DiskImageSpec, "kind">> & { format?: NonNullable<DiskImageSpec["format"]> };
  from?: WriteSpec["from"];
  rootDevice?: RootDeviceHints;
  layout?: { rootMiB: number } & Partial<PartitionLayout>;
  configDrive?: "auto" | "none" | { contentBase64: string } | ImageInput;
  force?: boolean;
}

/** A deployment as a caller writes it, shape already checked; what is absent gets the default of the API's table. */
export interface DeploymentInput {
  /** Id or name. */
  node: string;
  purpose?: Purpose;
  /** May be absent where the agent's default images serve. */
  boot?:
    | { iso: ImageInput }
    | { kernel: ImageInput; ramdisk: ImageInput; bootloader?: ImageInput; rootfs?: ImageInput };
  /** Null asks for none. */
  kernelArgs?: KernelArgsRequest | null;
  files?: readonly ({ path: string; inRamdisk?: boolean } & PartInput)[];
  userData?: PartInput | null;
  metaData?: PartInput | null;
  vendorData?: PartInput | null;
  /** Null: none, not even the node's. */
  networkData?: PartInput | null;
  ownVia?: DiscVia;
  discLabel?: string | null;
  write?: WriteInput;
  agentSteps?: AgentStepInput[];
  collectLogs?: CollectLogs;
  /** In place of the node's. */
  cleaning?: Partial<Node["cleaning"]>;
  /** That destructive steps are meant. */
  confirm?: boolean;
  finish?: Finish;
  eject?: EjectPolicy;
  bootPolicy?: "once" | "persistent";
  bootMode?: "uefi" | "bios";
  secureBoot?: SecureBoot;
  power?: "on" | "off";
  whenBusy?: "reject" | "queue";
  timeoutMs?: number;
  discTtlMs?: number;
  callbackSecret?: string;
  labels?: Record<string, string>;
}

/** Kinds of refusal, public and documented, so only ever added to. */
export type IntakeErrorCode =
  | "node-not-found"
  | "node-busy"
  | "node-protected"
  | "deployment-not-found"
  | "operation-not-found"
  | "deployment-finished"
  | "deployment-not-finished"
  | "deployment-not-retryable"
  | "callback-secret-in-use"
  /** A campaign was cancelled meanwhile, or another process does its work. */
  | "campaign-moved-on"
  | "callback-unreachable"
  | "eject-too-early"
  | "image-not-allowed"
  | "checksum-invalid"
  | "checksum-required"
  | "kernel-args-invalid"
  | "blob-not-found"
  | "second-disc-unfit"
  | "finish-unsupported"
  | "root-device-invalid"
  | "write-invalid"
  | "instance-data-unread"
  | "boot-missing"
  | "agent-images-missing"
  | "agent-steps-invalid"
  | "confirm-needed"
  | ImageErrorCode;

/** A request that was refused before anything was touched. */
export class IntakeError extends Error {
  override readonly name = "IntakeError";
  readonly code: IntakeErrorCode;
  readonly hint: string | undefined;
  /** Fields that are to be corrected; paths like `boot.iso.url`. */
  readonly fields: { path: string; message: string }[];
  /** The deployment or operation that is in the way. */
  readonly inTheWay: string | undefined;

  constructor(
    message: string,
    facts: {
      code: IntakeErrorCode;
      hint?: string;
      fields?: { path: string; message: string }[];
      inTheWay?: string;
    },
  ) {
    super(message);
    this.code = facts.code;
    this.hint = facts.hint;
    this.fields = facts.fields ?? [];
    this.inTheWay = facts.inTheWay;
  }
}
