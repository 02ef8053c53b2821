/**
 * What the API answers, as far as the command line reads it. The API's own schemas are not imported, since another
 * release may be the one that answers; a test sees that the two agree.
 */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
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
  state: string;
  power: string | null;
  reachable: boolean | null;
  seenAt: string | null;
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
}

export interface Failure {
  code: string;
  message: string;
  hint: string | null;
  step: string | null;
  cause: string[];
}

export interface RecordAnswer {
  id: string;
  node: { id: string; name: string };
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  final: boolean;
  step: string | null;
  steps: {
    name: string;
    state: string;
    startedAt: string | null;
    endedAt: string | null;
    attempts: number;
  }[];
  waitingOn: { what: string; since: string; until: string; cause: string | null; next: string | null } | null;
  error: Failure | null;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

export interface OperationAnswer extends RecordAnswer {
  kind: string;
  action: string | null;
  result?: unknown;
}

/** One line of a preflight's result. */
export interface Finding {
  check: string;
  outcome: "pass" | "warn" | "fail" | "skip";
  detail: string;
  hint?: string | null;
}

export interface Progress {
  percent: number;
  discBytesRead: number;
  discSizeBytes: number;
  /** What the agent has read of the disk image. */
  image?: { bytesRead: number; sizeBytes: number; bytesPerSecond: number; etaAt: string | null } | null;
  bytesPerSecond: number;
  etaAt: string | null;
}

export interface DeploymentAnswer extends RecordAnswer {
  progress: Progress | null;
  evidence: { what: string; how: string; strength: string; at: string }[];
  warnings: string[];
  clean: boolean | null;
  request: {
    boot: Record<string, { url: string; checksum: string | null } | null>;
    finish: string;
    eject: string;
  };
  retryOf: string | null;
  retriedAs?: string | null | undefined;
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
