import type { RecordView } from "../deploy/index.ts";
import type { Node } from "../nodes/index.ts";
import type { Role } from "./access/roles.ts";
import type { AuditEntry, AuditFacts } from "./audit/entry.ts";

/** A finished answer that is given again to the same request. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Names one use of an `Idempotency-Key`: keys are counted per token and route. */
export interface IdempotentUse {
  tokenId: string;
  /** Method and path pattern. */
  route: string;
  key: string;
}

/** Where answers to requests with an `Idempotency-Key` are kept, for 24 h. Each call is one transaction. */
export interface IdempotencyStore {
  /**
   * Claims the key. `new` means that the caller answers and then calls `finish`, or `abandon` when nothing was accepted;
   * `mismatch` that the key was used with another body. A claim whose process died is given again after ten minutes.
   */
  begin(
    use: IdempotentUse,
    bodyHash: string,
  ): Promise<{ state: "new" | "in-progress" | "mismatch" } | ({ state: "replay" } & KeptAnswer)>;
  finish(use: IdempotentUse, answer: KeptAnswer): Promise<void>;
  /** Forgets the claim, so that the key may be used again. */
  abandon(use: IdempotentUse): Promise<void>;
}

/** A token as it is kept: without the token itself. Times are milliseconds since 1970. */
export interface StoredToken {
  id: string;
  name: string;
  role: Role;
  /** Labels that a node must carry to be in its scope; none for all nodes. */
  scope: Record<string, string>;
  /** SHA-256 of the token, in hex. */
  hash: string;
  createdAtMs: number;
  /** Name of the token that made it. */
  createdBy: string;
  expiresAtMs: number | null;
  lastUsedAtMs: number | null;
  revokedAtMs: number | null;
}

/** Where tokens are kept. Those that were revoked stay, so that an old name in the audit can be understood. */
export interface TokenStore {
  /** @returns false when a token that is not revoked has the name */
  insert(token: StoredToken): Promise<boolean>;
  /**
   * Puts the token of somebody who may come again, by its id: name, role, scope and end become the new ones, and the hash
   * stays while the one before holds. Where another has the name, some of the id is added to it.
   *
   * @returns the token as it is now
   */
  renew(token: StoredToken): Promise<StoredToken>;
  find(hash: string): Promise<StoredToken | undefined>;
  get(id: string): Promise<StoredToken | undefined>;
  /** Those that are not revoked, by name. */
  list(): Promise<StoredToken[]>;
  /** @returns the token; undefined when none that is not revoked has the id or name */
  revoke(idOrName: string, atMs: number): Promise<StoredToken | undefined>;
  used(id: string, atMs: number): Promise<void>;
}

/** Which entries of the audit; all conditions must fit. */
export interface AuditQuery {
  /** Name of a token. */
  who?: string;
  action?: string;
  /** Where the path begins so. */
  target?: string;
  outcome?: "done" | "refused";
  sinceMs?: number;
  untilMs?: number;
  isOldestFirst: boolean;
  /** Only those beyond this `seq`, in the order asked for. */
  beyond?: number;
  limit: number;
}

/** Where the audit is kept: it is added to, and nothing else. */
export interface AuditStore {
  /** Puts facts at the end of the chain; durable when it returns. */
  append(facts: AuditFacts): Promise<AuditEntry>;
  list(query: AuditQuery): Promise<AuditEntry[]>;
}

/** How we stand with BMCs, as all processes know it. Both take how a node's BMC is reached. */
export interface BmcStandings {
  standing(bmc: { address: string; username: string }): Promise<{
    /** Whether a session of ours is kept open there. */
    hasSession: boolean;
    /** Connections failed in a row so often that nobody tries before `nextTryAt`; times as RFC 3339. */
    outage: { failures: number; since: string; nextTryAt: string } | null;
  }>;
  /** Lets the next request go to a BMC whatever failed before. */
  tryAgain(bmc: { address: string }): Promise<void>;
}

/** A process that looks at records. */
export interface QueueWorker {
  id: string;
  host: string;
  pid: number;
  /** Looks that it can have at once, and has now. */
  capacity: number;
  busy: number;
  /** RFC 3339; by the clock of that process. */
  startedAt: string;
  seenAt: string;
}

/** What is waited for and who works; of all processes. */
export interface QueueReads {
  /** Hints that nobody has taken yet, and who could; null while the queue does not answer. */
  queue(): Promise<{ hintsWaiting: number; workers: QueueWorker[] } | null>;
  /** Records that have not ended. */
  open(): Promise<{ kind: string; state: string; step: string | null; count: number }[]>;
  phases(): Promise<QueuePhases>;
}

/** Counts of records that have not ended, by what they are in. */
export interface QueuePhases {
  /** Wait for a node that another one has. */
  waitingNode: number;
  /** Parked until something comes or a time has passed. */
  parked: number;
  /** A look is asked for. */
  queued: number;
  /** A worker looks. */
  running: number;
  /** Parked or queued although their time has passed, and for how long the longest. */
  overdue: number;
  longestOverdueMs: number;
}

/** One file of the dashboard. */
export interface PageFile {
  contentType: string;
  /** Entity tag with its quotes. */
  etag: string;
  /** Its path changes with its content. */
  isForever: boolean;
  bodies: Record<"identity" | "gzip" | "br", Buffer>;
}

/** The dashboard as files. */
export interface Page {
  /** Paths, as Express writes them, at which the page itself is shown: the file `/`. */
  views: readonly string[];
  /** By path. */
  files(): Promise<ReadonlyMap<string, PageFile>>;
}

/** What a node is shown as; its newest deployment decides. */
export type NodeState = "deployable" | "deploying" | "inspecting" | "cleaning" | "deployed" | "failed";

/** By what nodes can be ordered; ties go by name. `deployed` is when the newest deployment was asked for. */
export const FLEET_ORDERS = [
  "id",
  "name",
  "address",
  "model",
  "state",
  "power",
  "health",
  "deployed",
] as const;

/** Which nodes, in which order. All conditions must fit. */
export interface FleetQuery {
  states?: NodeState[];
  /** As last seen. */
  power?: string[];
  health?: string[];
  /** Parts of a name, address, manufacturer, model or serial number; every word must be found, in any case. */
  text?: string;
  labels?: Record<string, string>;
  order: (typeof FLEET_ORDERS)[number];
  isDescending: boolean;
  /** Only nodes after this id, for lists in order of their ids. */
  after?: string;
  offset: number;
  limit: number;
}

export interface FleetPage {
  /** Nodes with their newest deployments. */
  rows: { node: Node; newest: RecordView | undefined }[];
  /** How many nodes there are in each state that fit all conditions but that of the states and `after`. */
  counts: Partial<Record<NodeState, number>>;
}

/** Nodes and their newest deployments, as one list. */
export interface FleetReads {
  list(query: FleetQuery): Promise<FleetPage>;
}

/** How the server keeps its house. */
export interface Upkeep {
  /** The newest first. */
  keys: { id: string; does: ("seals" | "opens" | "derives" | "waits")[]; sealed: number }[];
  open: number;
  kept: { what: string; forMs: number | null; oldestAt: string | null }[];
}
