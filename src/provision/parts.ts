import type { AgentStore } from "../agent/index.ts";
import type { Bell, Exposures, Hints, Log, RecordStore, Seals } from "../deploy/index.ts";
import type { ImageStore, ReadCounts } from "../images/index.ts";

/** What the provisioning listener is built from. */
export interface ProvisionParts {
  exposures: Pick<Exposures, "find">;
  agentBoots: AgentStore;
  store: Pick<RecordStore, "get" | "wake" | "appendLate" | "sealedSecrets">;
  hints: Hints;
  bell: Pick<Bell, "ring">;
  images: Pick<ImageStore, "find" | "ensure">;
  /** Makes a blob that no source has, a boot loader's, again under its digest. @returns whether it is here now */
  makeAgain: (digest: string, holder: string) => Promise<boolean>;
  readCounts: ReadCounts;
  /** Opens the credentials of an image that must be fetched again. */
  seals: Pick<Seals, "open">;
  /** The database's clock, milliseconds since 1970: times of reads are compared with those of events. */
  clock: () => number;
  /** Name of this process, for its rows of read counts. */
  process: string;
  /** Who may read a disc: whoever has its path, or only the BMC that it is for. */
  discSources: "any" | "bmc";
  /** Told of the bytes of a disc that went to its machine, or of a file that went to its agent. */
  onBytes?: (what: "disc" | "file", bytes: number) => void;
  /** Keeps that a call below an agent's path was refused, for whoever asks who tried what. Called a few times a minute at most. */
  onRefused?: (refused: RefusedCall) => Promise<void>;
  log: Log;
  limits?: Partial<ProvisionLimits>;
  /** Whether an address is one of this host; judged by its interfaces unless given. */
  isOwnAddress?: (address: string) => boolean;
  /** Addresses behind a host name; the system's resolver unless given. */
  resolve?: (host: string) => Promise<string[]>;
}

/** A call of an agent, or of somebody who has its path, that was refused. Nothing in it is a secret. */
export interface RefusedCall {
  recordId: string;
  /** Address of the caller. */
  from: string;
  /** `POST /a/{secret}/v1/heartbeat/{node}`; of a path that agents do not ask for, `GET /a/{secret}/…`. */
  action: string;
  /** `token-wrong`, `other-machine`, … */
  why: string;
  /** Of the answer. */
  status: number;
}

/** What one peer, or all together, may take of the listener. */
export interface ProvisionLimits {
  /** For the head of a request. */
  headerMs: number;
  /** For a request with its body. */
  requestMs: number;
  /** A connection on which nothing moves, in the midst of an answer too: a paused machine reads no byte for a while. */
  stallMs: number;
  /** A connection between two requests. */
  idleMs: number;
  /** Connections at once. */
  connections: number;
  /** Requests for unknown paths that one source may send at once, and how many more each second. */
  missesAtOnce: number;
  missesPerSecond: number;
  /** The same for the call-backs of one path. */
  callbacksAtOnce: number;
  callbacksPerSecond: number;
  /** The same for the calls of one agent, in any state. */
  agentCallsAtOnce: number;
  agentCallsPerSecond: number;
  /** Least time between two wakes of a record by the events of its BMC. */
  eventsEveryMs: number;
  /** For how long a disc is served without asking whether it still is. */
  knownMs: number;
  /** How long a read waits for bytes that this process lacks; firmware gives up on a server that is silent for longer. */
  refetchMs: number;
  /** Least time between two rows of read counts of a disc without a milestone. */
  flushMs: number;
}

export const LIMITS: ProvisionLimits = {
  headerMs: 10_000,
  requestMs: 30_000,
  stallMs: 120_000,
  idleMs: 65_000,
  connections: 4_096,
  missesAtOnce: 30,
  missesPerSecond: 0.5,
  callbacksAtOnce: 20,
  callbacksPerSecond: 1,
  agentCallsAtOnce: 60,
  agentCallsPerSecond: 5,
  eventsEveryMs: 5_000,
  knownMs: 1_000,
  refetchMs: 5_000,
  flushMs: 2_000,
};

/** A certificate with its key, in PEM, which may be renewed while it is used. */
export interface Certificate {
  current(): { cert: string; key: string };
  onRenewed(use: (pair: { cert: string; key: string }) => void): void;
}
