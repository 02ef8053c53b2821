import { type Kysely, sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from "kysely/migration";
import { DatabaseError } from "./errors.ts";
import { createAgents } from "./migrations/agents.ts";
import { createAudit, createAuditCuts } from "./migrations/audit.ts";
import { createBmcs } from "./migrations/bmcs.ts";
import { createCampaigns } from "./migrations/campaigns.ts";
import { createFleetIndexes, createInventory, createStepTimes } from "./migrations/inventory.ts";
import { createProvisioning, createRequestBlobs, createSweptIndexes } from "./migrations/provisioning.ts";
import { addPurposes, createListIndex, createRecords, createTranscripts } from "./migrations/records.ts";
import type { Dialect } from "./migrations/table.ts";
import { createTokens } from "./migrations/tokens.ts";
import { addCampaignPositions, createWebhooks } from "./migrations/webhooks.ts";
import type { Tables } from "./tables.ts";

/**
 * Written for both databases, in files by what they are about. Only ever added to: an older process may still be at work on
 * the same tables.
 */
function migrations(dialect: Dialect): Record<string, Migration> {
  return {
    "0001-records": { up: (db) => createRecords(db, dialect) },
    "0002-inventory": { up: (db) => createInventory(db, dialect) },
    "0003-provisioning": { up: (db) => createProvisioning(db, dialect) },
    "0004-bmcs": { up: (db) => createBmcs(db, dialect) },
    "0005-sweeping": { up: createSweptIndexes },
    "0006-request-blobs": { up: (db) => createRequestBlobs(db, dialect) },
    "0007-fleet": { up: (db) => createFleetIndexes(db, dialect) },
    "0008-tokens": { up: (db) => createTokens(db, dialect) },
    "0009-audit": { up: (db) => createAudit(db, dialect) },
    "0010-agents": { up: (db) => createAgents(db, dialect) },
    "0011-purposes": { up: (db) => addPurposes(db, dialect) },
    "0012-transcripts": { up: (db) => createTranscripts(db, dialect) },
    "0013-webhooks": { up: (db) => createWebhooks(db, dialect) },
    "0014-lists": { up: createListIndex },
    "0015-campaigns": { up: (db) => createCampaigns(db, dialect) },
    "0016-audit-cuts": { up: (db) => createAuditCuts(db, dialect) },
    "0017-campaign-webhooks": { up: addCampaignPositions },
    "0018-step-times": { up: (db) => createStepTimes(db, dialect) },
  };
}

/**
 * Brings the tables up to date. Several processes may do so at once on PostgreSQL. What a later release has added to them
 * stays and is passed over: a process of this one may be started again beside it.
 *
 * @param upTo the last migration to carry out, as an earlier release would have
 */
export async function migrate(db: Kysely<Tables>, dialect: Dialect, upTo?: string): Promise<void> {
  const all = { ...(await laterOnes(db)), ...migrations(dialect) };
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => all },
  });
  const { error, results } = await (upTo === undefined
    ? migrator.migrateToLatest()
    : migrator.migrateTo(upTo));
  if (error === undefined) return;
  const failed = results?.find((result) => result.status === "Error")?.migrationName ?? "before the first";
  throw new DatabaseError(`the tables could not be brought up to date: migration ${failed} failed`, {
    code: "database-migration-failed",
    retryable: false,
    cause: error,
  });
}

/** Those that were carried out, as if they were known here. */
async function laterOnes(db: Kysely<Tables>): Promise<Record<string, Migration>> {
  const kept = (await db.introspection.getTables({ withInternalKyselyTables: true })).map(({ name }) => name);
  if (!kept.includes(DEFAULT_MIGRATION_TABLE)) return {};
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
  return Object.fromEntries(rows.map(({ name }) => [name, { up: async () => undefined }]));
}

/** In their order. */
export const MIGRATIONS = Object.keys(migrations("sqlite"));
