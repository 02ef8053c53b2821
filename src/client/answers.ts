/**
 * What the API answers, as far as its clients here read it. The API's own schemas are not imported, since another release
 * may be the one that answers; a test sees that the two agree.
 */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export type NodeState = "deployable" | "deploying" | "inspecting" | "cleaning" | "deployed" | "failed";
export type RecordState = "queued" | "running" | "succeeded" | "failed" | "cancelled";

export interface Failure {
  code: string;
  message: string;
  hint: string | null;
  step: string | null;
  cause: string[];
}

export interface WaitingOn {
  what: string;
  since: string;
  until: string;
  cause: string | null;
  next: string | null;
}

export interface Progress {
  percent: number;
  discBytesRead: number;
  discSizeBytes: number;
  /** What the agent has read of the disk image. */
  image?: { bytesRead: number; sizeBytes: number; bytesPerSecond: number; etaAt: string | null } | null;
  discShare: number;
  bytesPerSecond: number;
  lastReadAt: string | null;
  etaAt: string | null;
  sampledAt: string;
}

/** What is booted, by role: an ISO, or a kernel, a ramdisk and perhaps a boot loader. */
export type Boot = Record<string, { url: string; checksum: string | null } | null>;

/** A node's newest deployment, as lists show it. */
export interface Newest {
  id: string;
  state: RecordState;
  step: string | null;
  stepNumber: number | null;
  stepCount: number;
  waitingOn: WaitingOn | null;
  progress: Progress | null;
  error: Failure | null;
  cancelRequested: boolean;
  boot: Boot;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

export interface Tls {
  mode: "verify" | "pin" | "insecure";
  ca?: string;
  fingerprint?: string;
}

export interface NodeAnswer {
  id: string;
  name: string;
  bmc: {
    address: string;
    username: string;
    tls: Tls;
    systemId: string | null;
    insecure: boolean;
    health: string | null;
  };
  arch: string;
  bootMode: string | null;
  macs: string[];
  site: string | null;
  rack: string | null;
  labels: Record<string, string>;
  protected: boolean;
  maintenance: boolean;
  provisionUrl: string | null;
  state: NodeState;
  power: string | null;
  reachable: boolean | null;
  seenAt: string | null;
  systemPath: string | null;
  manufacturer: string | null;
  model: string | null;
  serialNumber: string | null;
  media: {
    deploymentId: string;
    slot: string;
    eject: string;
    until: string | null;
    owed: string | null;
  } | null;
  deployment: Newest | null;
}

export interface FleetAnswer extends Page<NodeAnswer> {
  total: number;
  counts: Record<NodeState, number>;
}

export interface Step {
  name: string;
  state: "pending" | "running" | "waiting" | "done" | "skipped" | "failed";
  startedAt: string | null;
  endedAt: string | null;
  attempts: number;
}

/** What deployments and operations show alike. */
export interface RecordAnswer {
  id: string;
  node: { id: string; name: string };
  state: RecordState;
  final: boolean;
  step: string | null;
  steps: Step[];
  waitingOn: WaitingOn | null;
  error: Failure | null;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

export interface DeploymentAnswer extends RecordAnswer {
  progress: Progress | null;
  /** Absent from an older release. */
  bootProgress?: { state: string; at: string } | null;
  evidence: { what: string; how: string; strength: string; at: string }[];
  warnings: string[];
  cancelRequested: { by: string; at: string } | null;
  clean: boolean | null;
  request: {
    boot: Boot;
    finish: string;
    eject: string;
    bootPolicy: string;
    secureBoot: string;
    timeoutMs: number;
    labels: Record<string, string>;
  };
  retryOf: string | null;
  retriedAs?: string | null | undefined;
}

/** One line of a preflight's result. */
export interface Finding {
  check: string;
  outcome: "pass" | "warn" | "fail" | "skip";
  detail: string;
  hint?: string | null;
}

export interface OperationAnswer extends RecordAnswer {
  kind: string;
  action: string | null;
  result?: unknown;
}

export interface FetchAnswer {
  state: "fetching" | "ready";
  digest: string | null;
  sizeBytes: number | null;
  bytesRead: number | null;
}

export interface StockAnswer {
  items: { digest: string; sizeBytes: number; usedAt: string; holders: string[] }[];
  underWay: { source: string; bytesRead: number; sizeBytes: number | null; holders: string[] }[];
  usedBytes: number;
  capBytes: number;
}

export interface TokenAnswer {
  id: string;
  name: string;
  role: "viewer" | "operator" | "admin" | "auditor";
  scope: Record<string, string>;
  createdAt: string;
  createdBy: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

/** The answer to who made it, which alone holds the token. */
export interface CreatedTokenAnswer extends TokenAnswer {
  token: string;
}

export interface AuditAnswer {
  seq: number;
  at: string;
  who: { tokenId: string; name: string; role: string } | null;
  from: string;
  action: string;
  target: string;
  outcome: "done" | "refused";
  status: number;
  code: string | null;
  before: unknown;
  after: unknown;
  previous: string;
  hash: string;
}

/** What the last inspection found of a node. */
export interface InventoryAnswer {
  at: string;
  macs: string[];
  rootDisks: { name: string; sizeBytes: number; serial: string | null; model: string | null }[];
  mismatches: { field: string; recorded: string; found: string }[];
}

export interface WebhookAnswer {
  id: string;
  url: string;
  events: string[];
  createdAt: string;
  createdBy: string;
}

/** The answer to who made it, which alone holds the secret. */
export interface CreatedWebhookAnswer extends WebhookAnswer {
  secret: string;
}

export interface DeliveryAnswer {
  id: string;
  state: "pending" | "delivered" | "dead";
  event: string;
  attempts: number;
  dueAt: string | null;
  createdAt: string;
  endedAt: string | null;
  lastStatus: number | null;
  lastError: string | null;
}
