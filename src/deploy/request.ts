/** When a deployment has succeeded; docs/architecture.md and the API say what each means. */
export type Finish = "powered-on" | "disc-read" | "os-running" | "powered-off" | "callback" | "agent";

/** When the disc leaves the slot. */
export type EjectPolicy = "when-booted" | "on-reboot" | "on-callback" | "at-end" | "never";

/** An image as it is asked for. `auth` is kept apart, sealed, and never stands here. */
export interface ImageSpec {
  url: string;
  checksum: string | null;
}

/** A deployment as it was asked for, defaults filled in, without its secrets. */
export interface DeploymentRequest {
  nodeId: string;
  purpose: "deploy";
  boot: { iso: ImageSpec };
  finish: Finish;
  eject: EjectPolicy;
  bootPolicy: "once" | "persistent";
  bootMode: "uefi" | "bios" | null;
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
  | { kind: "preflight"; boot: { iso: ImageSpec } | null }
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
  imageAuth?: { username: string; password: string } | { bearer: string };
}
