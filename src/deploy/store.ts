import type { DeployEvent, EventBody } from "./events.ts";
import type { RecordView } from "./record.ts";

/** "Look at this record": an id and a number that makes each hint fresh. */
export interface Hint {
  id: string;
  hint: number;
}

/** What came in from outside since the runner's last look. It never touches the epoch. */
export type InboxItem =
  | { kind: "cancel"; by: string }
  | {
      kind: "callback";
      status: "started" | "progress" | "succeeded" | "failed";
      percent: number | null;
      message: string | null;
    }
  | { kind: "disc-read"; discId: string; milestone: string; percent: number }
  | { kind: "file-read"; fileId: string; percent: number }
  /** The agent has reported; what it said is kept with its boot. */
  | { kind: "heartbeat" }
  | { kind: "agent-refused"; why: string; detail: string }
  /** Something that a step waits for may have changed: an image has arrived. */
  | { kind: "nudge"; about: string };

export interface NewRecord {
  view: RecordView;
  /** The `accepted` event, of which `view` is the fold. */
  event: DeployEvent;
  /** `RequestSecrets`, sealed; null when there are none. */
  sealedSecrets: string | null;
  /** Hash of the caller's call-back secret, unique among unfinished records; null when none was given. */
  callbackHash: string | null;
  /**
   * How it gets its node: `now` or not at all; `queue` behind the others in order of acceptance; `none` for records that
   * only read, or that take the node later by `takeNode`.
   */
  node: "now" | "queue" | "none";
  /** The campaign that asks for it, by its claim of the node: without that it is not accepted. */
  campaign?: { id: string; claim: number };
}

/** A record that one runner may work on. */
export interface Claim {
  id: string;
  epoch: number;
  view: RecordView;
  /** Inbox items up to here are in `inbox`. */
  inboxSeq: number;
  inbox: InboxItem[];
  /** The database's clock, milliseconds since 1970. */
  nowMs: number;
  leaseUntilMs: number;
}

/** One durable step forward of a claimed record. */
export interface Commit {
  /** Events with `seq` following the claim's `view.version`; may be empty. */
  events: DeployEvent[];
  /** The fold after them. */
  view: RecordView;
  /**
   * `go-on` keeps the claim for `leaseMs` from now; `park` lets it go until `dueInMs` or a wake; `end` is final: it frees the node for the next
   * in its queue.
   */
  next: { kind: "go-on"; leaseMs: number } | { kind: "park"; dueInMs: number } | { kind: "end" };
  /** Follow-up accepted in the same transaction: the eject that is still due. */
  followUp?: NewRecord;
}

export type CommitResult =
  /** Kept. `inbox` is what came in since the claim's last look; non-empty means that a `park` did not happen. */
  | { kept: true; parked: boolean; inbox: InboxItem[]; inboxSeq: number; nowMs: number; hints: Hint[] }
  /** The record was claimed again: stop at once and touch nothing more. */
  | { kept: false };

export interface RecordQuery {
  kind: "deployment" | "operation";
  states?: string[];
  nodeId?: string;
  labels?: Record<string, string>;
  /** Only the deployments of this campaign. */
  campaignId?: string;
  /** Only records of nodes that carry these. */
  nodeLabels?: Readonly<Record<string, string>>;
  /** RFC 3339; only records created then or later. */
  since?: string;
  /** Only records before this id: newest first. */
  before?: string;
  limit: number;
}

/**
 * Where records live. Each call is one transaction, durable when it returns. Due times, leases and event times come from
 * the database's clock; a record that is due or woken gives a `Hint`, which the caller hands to `Hints` after the commit.
 */
export interface RecordStore {
  accept(record: NewRecord): Promise<
    | { accepted: true; hints: Hint[]; behind: string | null }
    | { accepted: false; reason: "node-busy"; holder: string }
    | { accepted: false; reason: "callback-in-use" }
    /** The campaign has let the node go, or somebody else has taken it. */
    | { accepted: false; reason: "not-taken" }
  >;
  get(id: string): Promise<RecordView | undefined>;
  /** The sealed `RequestSecrets` of a record; null when it has none. */
  sealedSecrets(id: string): Promise<string | null>;
  list(query: RecordQuery): Promise<RecordView[]>;
  events(id: string, after: number, limit: number): Promise<DeployEvent[]>;
  /** All records' events in one order without holes, by global position. */
  eventsSince(
    position: number,
    limit: number,
  ): Promise<{ position: number; id: string; event: DeployEvent }[]>;
  /** The last global position. */
  lastPosition(): Promise<number>;
  /** Puts an item into an unfinished record's inbox and wakes it. @returns "ended" when it is finished, undefined when unknown */
  wake(id: string, item: InboxItem): Promise<{ hints: Hint[] } | "ended" | undefined>;
  /** Appends to a finished record: a late success. */
  appendLate(id: string, event: EventBody): Promise<void>;
  /** Takes the record for `leaseMs`; undefined when somebody else has it, it is finished, waits for its node, or there is nothing to do. */
  claim(hint: Hint, leaseMs: number): Promise<Claim | undefined>;
  commit(claim: Pick<Claim, "id" | "epoch" | "inboxSeq">, commit: Commit): Promise<CommitResult>;
  /** Takes the node for a claimed record that was accepted with `node: "none"`; false when another holds it. */
  takeNode(claim: Pick<Claim, "id" | "epoch">): Promise<boolean>;
  /** Gives back what `takeNode` took, to the next who waits for it. Without a claim or the node it does nothing. */
  leaveNode(claim: Pick<Claim, "id" | "epoch">): Promise<Hint[]>;
  /** Prolongs the leases of all claims that still hold, and shortens none. @returns the ids that hold */
  renew(claims: Pick<Claim, "id" | "epoch">[], leaseMs: number): Promise<Set<string>>;
  /**
   * Lets claims go as they were kept last, so that others need not wait for their leases: what came in is told to whoever is
   * next. Those that hold no more are left alone.
   */
  giveBack(claims: Pick<Claim, "id" | "epoch">[]): Promise<void>;
  /** Turns records whose due time has passed into hints (repeated while nobody claims them). */
  takeDue(limit: number): Promise<Hint[]>;
  /** Id of the record that holds a node; undefined when it is free. */
  holderOf(nodeId: string): Promise<string | undefined>;
  /** How many records have not ended, for metrics. */
  countOpen(): Promise<{ kind: string; state: string; step: string | null; count: number }[]>;
}

/** Says that records want a look; losing one costs time only. */
export interface Hints {
  /** @param why `due`: their time has come, which is in less of a hurry than what somebody waits for */
  add(hints: Hint[], why?: "due"): Promise<void>;
}

/** Rings when a record has new events, in every process. A lost ring is made good by asking again later. */
export interface Bell {
  ring(id: string): void;
  /** @returns a function that ends the listening */
  listen(onRing: (id: string) => void): () => void;
}
