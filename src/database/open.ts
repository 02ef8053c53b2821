import type { AgentBoots } from "../agent/index.ts";
import type { CampaignStore } from "../campaigns/index.ts";
import type { AuditStore, FleetReads, IdempotencyStore, QueuePhases, TokenStore } from "../api/index.ts";
import type {
  AgentImageStore,
  Exposures,
  Hints,
  Inventories,
  Log,
  RecordStore,
  RequestBlobs,
  Seals,
  StepTimes,
  Transcripts,
} from "../deploy/index.ts";
import type { ReadCounts } from "../images/index.ts";
import type { NodeStore, SecretBox } from "../nodes/index.ts";
import type { WebhookStore } from "../webhooks/index.ts";
import type { Breaker, Lease, SessionStore } from "../redfish/index.ts";
import { createAgentBoots } from "./agent-boots.ts";
import { createAgentImages } from "./agent-images.ts";
import { createAuditStore } from "./audit.ts";
import { createCampaignStore } from "./campaigns/store.ts";
import { createBreaker } from "./bmcs/breaker.ts";
import { createInventories } from "./inventories.ts";
import { createLease } from "./bmcs/lease.ts";
import { createLineage, type Lineage } from "./lineage.ts";
import { createSessionStore, type Sealing } from "./bmcs/sessions.ts";
import { createExposures } from "./exposures.ts";
import { createFleetReads } from "./fleet.ts";
import { createIdempotency } from "./idempotency.ts";
import { createNodeStore } from "./nodes.ts";
import { countPhases } from "./queue-phases.ts";
import { createReadCounts } from "./read-counts.ts";
import { createRecordStore } from "./records/record-store.ts";
import { openPostgres } from "./postgres/open.ts";
import { createRetention, type Retention } from "./retention/retention.ts";
import { createRequestBlobs } from "./request-blobs.ts";
import { createResealing, type Resealing } from "./reseal.ts";
import { createStepTimes } from "./step-times.ts";
import { createSweeper } from "./sweep.ts";
import { createTranscripts } from "./transcripts.ts";
import { createTokenStore } from "./tokens.ts";
import { createWebhookStore } from "./webhooks.ts";
import { openSqlite, type SqliteOptions } from "./sqlite/open.ts";

/** SQLite in a folder, for one process; or PostgreSQL, for any number of them. */
export type DatabaseOptions = (SqliteOptions | PostgresOptions) & {
  /** Told what goes wrong where nobody waits for it. */
  log?: Pick<Log, "warn">;
};

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with the parameters of libpq behind `?`. */
  url: string;
}

/** The ports of all rooms on one database. */
export interface Database {
  records: RecordStore;
  exposures: Exposures;
  nodes: NodeStore;
  fleet: FleetReads;
  readCounts: ReadCounts;
  idempotency: IdempotencyStore;
  tokens: TokenStore;
  transcripts: Transcripts;
  audit: AuditStore;
  webhooks: WebhookStore;
  stepTimes: StepTimes;
  campaigns: CampaignStore;
  /** Sessions of BMCs, which `sealing` keeps unreadable at rest. */
  sessions(sealing: Sealing): SessionStore;
  /** Parts of requests that were sent ahead, which `seals` keep unreadable at rest. */
  requestBlobs(seals: Pick<Seals, "seal" | "open">): RequestBlobs;
  /** Boots of agents, whose tokens `sealing` keeps unreadable at rest; what they tell is hinted to `hints`. */
  agentBoots(parts: { sealing: Sealing; hints: Hints }): AgentBoots;
  /** What older keys have sealed. */
  resealing(box: Pick<SecretBox, "seal" | "open" | "ids">): Resealing;
  retention: Retention;
  inventories: Inventories;
  agentImages: AgentImageStore;
  /** Whether it is a copy of what was used before. */
  lineage: Lineage;
  lease: Lease;
  breaker: Breaker;
  /** What records that have not ended are in, for people. */
  countPhases(): Promise<QueuePhases>;
  /** The database's clock, milliseconds since 1970: for leases, deadlines and the times of events. */
  now(): Promise<number>;
  /** The same without asking, off by half of a round trip at most: for those who cannot wait. */
  clock(): number;
  /** Removes what has had its time, as happens every minute anyway: answers after 24 h, what is served no more. */
  sweep(): Promise<void>;
  /** Lets what was begun end, then closes. */
  close(): Promise<void>;
}

const SILENT: Pick<Log, "warn"> = { warn: () => undefined };

/**
 * Opens the database and brings its tables up to date.
 *
 * @throws DatabaseError `database-in-use` when another process has the SQLite of this folder; `database-unreachable`,
 *   `database-url-invalid`, `database-too-old` for PostgreSQL; `database-migration-failed`
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { log = SILENT } = options;
  const onClockSet = (byMs: number): void =>
    log.warn(
      { byMs },
      "this machine's clock was set; limits and times follow it slowly, at a tenth of real time",
    );
  const sql =
    "url" in options ? await openPostgres(options.url) : await openSqlite({ onClockSet, ...options });
  const sweeper = createSweeper(sql, log);
  return {
    records: createRecordStore(sql),
    exposures: createExposures(sql),
    nodes: createNodeStore(sql),
    fleet: createFleetReads(sql),
    readCounts: createReadCounts(sql),
    idempotency: createIdempotency(sql),
    tokens: createTokenStore(sql),
    transcripts: createTranscripts(sql),
    audit: createAuditStore(sql),
    webhooks: createWebhookStore(sql),
    stepTimes: createStepTimes(sql),
    campaigns: createCampaignStore(sql),
    sessions: (sealing) => createSessionStore(sql, sealing),
    requestBlobs: (seals) => createRequestBlobs(sql, seals),
    agentBoots: (agentParts) => createAgentBoots(sql, { log, ...agentParts }),
    resealing: (box) => createResealing(sql, box),
    retention: createRetention(sql),
    inventories: createInventories(sql),
    agentImages: createAgentImages(sql),
    lineage: createLineage(sql),
    lease: createLease(sql),
    breaker: createBreaker(sql),
    countPhases: () => countPhases(sql, sql.clock()),
    now: () => sql.now(),
    clock: () => sql.clock(),
    sweep: () => sweeper.sweep(),
    async close() {
      await Promise.all([sweeper.close(), sql.close()]);
    },
  };
}
