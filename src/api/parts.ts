import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type {
  AgentImages,
  Bell,
  Intake,
  Inventories,
  RecordStore,
  RequestBlobs,
  StepTimes,
  Transcripts,
} from "../deploy/index.ts";
import type { Campaigns } from "../campaigns/index.ts";
import type { LocalImageStore, ReadCounts } from "../images/index.ts";
import type { Nodes } from "../nodes/index.ts";
import type { Webhooks } from "../webhooks/index.ts";
import type { Scopes } from "./access/scope.ts";
import type { OidcSettings } from "./oidc/settings.ts";
import type {
  AuditStore,
  BmcStandings,
  FleetReads,
  IdempotencyStore,
  Page,
  QueueReads,
  TokenStore,
  Upkeep,
} from "./ports.ts";
import type { Feed } from "./stream/feed.ts";
import type { Holds } from "./stream/hold.ts";
import type { Outlooks } from "./stream/outlooks.ts";
import type { Samples } from "./stream/samples.ts";
import type { SsePace } from "./stream/sse.ts";

/** One thing that must work before requests make sense. */
export interface ReadyCheck {
  name: string;
  isReady: () => Promise<boolean>;
}

/** A certificate with its key, in PEM, which may be renewed while it is used. */
export interface Certificate {
  current(): { cert: string; key: string };
  onRenewed(use: (pair: { cert: string; key: string }) => void): void;
}

/** What the API is built from. */
export interface ApiParts {
  nodes: Pick<Nodes, "add" | "judge" | "get" | "change" | "remove">;
  intake: Intake;
  records: Pick<RecordStore, "get" | "list" | "events" | "eventsSince" | "lastPosition">;
  readCounts: Pick<ReadCounts, "load" | "loadAll">;
  transcripts: Pick<Transcripts, "read">;
  /** The store of this process. */
  images: Pick<LocalImageStore, "ensure" | "release" | "list" | "remove" | "verify">;
  agentImages: AgentImages;
  inventories: Pick<Inventories, "find">;
  blobs: Pick<RequestBlobs, "add" | "read">;
  bell: Bell;
  bmcs: BmcStandings;
  queue: QueueReads;
  idempotency: IdempotencyStore;
  fleet: FleetReads;
  /** The dashboard; without it there is nothing at `/`. */
  page?: Page;
  /** The first admin token, as a caller sends it. */
  adminToken: string;
  tokens: TokenStore;
  audit: AuditStore;
  webhooks: Webhooks;
  stepTimes: Pick<StepTimes, "find">;
  /** A provider by which people log in to the dashboard. */
  oidc?: OidcSettings;
  campaigns: Campaigns;
  upkeep: () => Promise<Upkeep>;
  /** Requests that one token may make in a minute. */
  requestsPerMinute: number;
  /** Addresses and CIDRs of proxies that are believed about whom they ask for. */
  apiProxies: readonly string[];
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Answers `/metrics` without a token. */
  isMetricsOpen: boolean;
  /** With it https is spoken, and http is not. */
  certificate?: Certificate;
  /** Origins of other dashboards, which may read. */
  corsOrigins: readonly string[];
  readyChecks: readonly ReadyCheck[];
  /** Those of the whole server, to which the API adds its own. */
  metrics: Registry;
  /** Told when an event has reached this process, by its time. */
  onEvent?: (at: string) => void;
  log: Logger;
  /** Of the program. */
  version: string;
  /** For tests; the contract's otherwise. */
  pace?: Partial<
    SsePace & { sampleEveryMs: number; lookEveryMs: number; askAgainMs: number; keysCooldownMs: number }
  >;
}

/** What the routes share besides. */
export interface RouteParts extends ApiParts {
  feed: Feed;
  holds: Holds;
  samples: Samples;
  outlooks: Outlooks;
  scopes: Scopes;
  ssePace: SsePace;
}
