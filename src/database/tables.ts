import type { Generated } from "kysely";

/**
 * What `due_at` means by phase: idle, the next look; queued, when to repeat the hint; running, the end of the lease;
 * waiting-node and done have none.
 */
export type Phase = "waiting-node" | "idle" | "queued" | "running" | "done";

/** A deployment or operation. Times are milliseconds since 1970 by the database's clock, as everywhere in the tables. */
export interface RecordRow {
  id: string;
  kind: "deployment" | "operation";
  node_id: string;
  phase: Phase;
  /** 1 from a queued acceptance until the node is handed over. */
  waits_node: number;
  /** Order of acceptance among those that want the node; null for those that do not. */
  ticket: number | null;
  due_at: number | null;
  /** Number of the last hint. */
  hint: number;
  /** Number of the last inbox item. */
  wakes: number;
  /** Inbox items up to here have been handled. */
  looked: number;
  /** The fence: raised by each claim and each park. */
  epoch: number;
  lease_ms: number;
  /** The view's `state` and `version`. */
  state: string;
  version: number;
  /** `RecordView` as JSON. */
  view: string;
  sealed_secrets: string | null;
  callback_hash: string | null;
  created_at: number;
  /** Of a deployment; operations have the usual one. */
  purpose: Generated<string>;
}

export interface EventRow {
  /** Grows in the order of commits. */
  position: Generated<number>;
  record_id: string;
  seq: number;
  /** `DeployEvent` as JSON. */
  body: string;
}

export interface CampaignLaneRow {
  campaign_id: string;
  number: number;
  is_canary: number;
  rack: string | null;
  site: string | null;
  server: string;
  /** How many of its nodes are in each state; those that were taken count as running. */
  ready: number;
  held: number;
  running: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  skipped: number;
  /** Milliseconds that those which succeeded took altogether. */
  took_ms: number;
}

/** `taken` is on its way to a deployment; `held` waits for the node itself. */
export type CampaignNodePhase =
  | "ready"
  | "held"
  | "taken"
  | "running"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "skipped";

export interface CampaignNodeRow {
  campaign_id: string;
  node_id: string;
  name: string;
  place: number;
  lane: number;
  phase: CampaignNodePhase;
  /** Raised each time that it is taken. */
  claim: number;
  tries: number;
  /** When what was taken, or is held, is ready again. */
  due_at: number | null;
  deployment_id: string | null;
  /** 1 when the deployment was asked to end with its campaign. */
  is_cancel_sent: number;
  /** `Hindrance` as JSON. */
  hindrance: string | null;
  admitted_at: number | null;
  ended_at: number | null;
}

/** Every table, in the words of both databases. */
export interface Tables {
  records: RecordRow;
  events: EventRow;
  inbox: { record_id: string; seq: number; item: string };
  /** Labels of records and nodes, so that both databases find them by index. */
  labels: { owner_id: string; name: string; value: string };
  node_locks: { node_id: string; holder: string | null; tickets: number };
  nodes: {
    id: string;
    name: string;
    bmc_origin: string;
    system_id: string | null;
    system_path: string | null;
    version: number;
    /** `Node` without what was observed, as JSON. */
    body: string;
    /** `NodeObserved` as JSON. */
    observed: string;
    sealed_password: string;
  };
  exposures: { secret_hash: string; record_id: string; kind: string; until: number | null; body: string };
  read_counts: { disc_id: string; process: string; reads: string };
  idempotency: {
    token_id: string;
    route: string;
    key: string;
    body_hash: string;
    /** `KeptAnswer` as JSON; null while the request is answered. */
    answer: string | null;
    started_at: number;
  };
  /** There when all of its pieces are. */
  request_blobs: { id: string; digest: string; size_bytes: number; until: number };
  /** `sealed` is a piece of the content, encrypted. */
  request_blob_pieces: { blob_id: string; seq: number; sealed: string; until: number };
  /** Tokens of the API, by their hashes; `scope` is JSON. */
  tokens: {
    id: string;
    name: string;
    role: string;
    scope: string;
    hash: string;
    created_at: number;
    created_by: string;
    expires_at: number | null;
    last_used_at: number | null;
    revoked_at: number | null;
  };
  /** `body` is the `AuditEntry` as JSON; the other columns find it. */
  audit: {
    seq: number;
    at: number;
    who: string | null;
    action: string;
    target: string;
    outcome: string;
    hash: string;
    body: string;
  };
  /** Up to where the audit's beginning was cut off, with the hash of the last entry that went. */
  audit_cuts: { seq: number; hash: string; at: number };
  agent_boots: {
    id: string;
    /** The record that is woken. */
    owner: string;
    /** What was prepared, as JSON, encrypted: the token is in it. */
    sealed: string;
    token_holder: string | null;
    /** `AgentContact` as JSON. */
    contact: string | null;
    beat_at: number | null;
    /** `AgentInspection` as JSON. */
    inspection: string | null;
  };
  /** `NodeInventory` as JSON. */
  inventories: { node_id: string; body: string };
  webhooks: {
    id: string;
    url: string;
    /** JSON. */
    events: string;
    sealed_secret: string;
    position: number;
    /** Of campaigns' events. */
    campaign_position: Generated<number>;
    created_at: number;
    created_by: string;
  };
  /** Events on their way to webhooks; `position` is the event's, null for a test. */
  deliveries: {
    id: string;
    webhook_id: string;
    position: number | null;
    event: string;
    state: string;
    attempts: number;
    due_at: number | null;
    created_at: number;
    ended_at: number | null;
    last_status: number | null;
    last_error: string | null;
    body: string;
  };
  /** `body` is the `Campaign` as JSON; the other columns find it. */
  campaigns: {
    id: string;
    name: string;
    state: string;
    version: number;
    /** Number of its last event. */
    last_event: number;
    body: string;
    sealed_template: string;
  };
  /** Where the nodes of a campaign stand, counted by what limits treat alike. */
  campaign_lanes: CampaignLaneRow;
  campaign_nodes: CampaignNodeRow;
  campaign_events: { position: Generated<number>; campaign_id: string; seq: number; body: string };
  /** What image servers hand out to campaigns, as last measured. */
  campaign_loads: { server: string; bytes_per_second: number; reading: number; begun: number };
  /** How long steps of past deployments took, by what they were alike by; an empty text stands for all. */
  step_times: { family: string; image: string; step: string; mean_ms: number; count: number; at: number };
  settings: { name: string; value: string };
  /** `key` names the BMC and the user; `sealed` is the `StoredSession` as JSON, encrypted. */
  bmc_sessions: { key: string; generation: number; sealed: string };
  /** `content` is what was said in one look, as packed JSON in base64. */
  transcripts: { record_id: string; seq: number; at: number; content: string };
  leases: { name: string; holder: string; until: number };
  /** Origins of BMCs that cannot be reached; times are those of the process that saw it. */
  outages: { origin: string; failures: number; since_at: number; next_try_at: number };
}
