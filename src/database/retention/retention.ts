import type { Sql } from "../sql.ts";
import { pruneAudit } from "./audit.ts";
import { pruneCampaigns } from "./campaigns.ts";
import { pruneLogs } from "./logs.ts";
import { pruneEvents, pruneRecords } from "./records.ts";

/** For how long things are kept, in milliseconds from their end; null for ever. */
export interface KeepRules {
  /** Deployments and campaigns that have ended, with all that belongs to them; a node's newest deployment stays. */
  deploymentsMs: number | null;
  /** Operations that have ended: power, eject, preflight. */
  operationsMs: number | null;
  /** Events of what has ended; what they led to stays as long as its deployment. */
  eventsMs: number | null;
  /** What was said to BMCs, for dossiers. */
  logsMs: number | null;
  /** And how many bytes of it, packed; the oldest go first. */
  logsBytes: number;
  /** The audit, from its beginning on. */
  auditMs: number | null;
}

/** How much was removed of each kind: rows of the audit and of logs, records, and records whose events went. */
export type Pruned = Record<KeptKind, number>;

export const KEPT_KINDS = ["deployments", "campaigns", "operations", "events", "logs", "audit"] as const;
export type KeptKind = (typeof KEPT_KINDS)[number];

/** Removes what is older than it has to be. */
export interface Retention {
  /**
   * One bounded run: some hundred records of a kind, in small transactions, so that nobody waits behind it for long.
   *
   * Never goes what has not ended, what a node's disc, an open record or an open campaign speaks of, what is still served, what a webhook has
   * yet to be told, or the newest deployment of a node, which tells the node's state.
   *
   * @param nowMs milliseconds since 1970
   */
  prune(rules: KeepRules, nowMs: number): Promise<Pruned>;
  /** When the oldest of each kind was made, in milliseconds since 1970; null where there is none. */
  oldest(): Promise<Record<KeptKind, number | null>>;
}

/** Transactions of one run, for each kind. */
const TURNS = 10;

export function createRetention(database: Sql): Retention {
  // Where the last run stopped: what must stay is not looked at again in every run, but once in each round of them.
  const cursors = new Map<KeptKind, string>();

  async function walk(
    kind: KeptKind,
    prune: (after: string) => Promise<{ pruned: number; last: string | undefined }>,
  ): Promise<number> {
    let sum = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      const { pruned, last } = await prune(cursors.get(kind) ?? "");
      sum += pruned;
      cursors.set(kind, last ?? "");
      if (last === undefined) break;
    }
    return sum;
  }

  return {
    async prune(rules, nowMs) {
      const { deploymentsMs, operationsMs, eventsMs, auditMs } = rules;
      const since = (ms: number) => nowMs - ms;
      return {
        deployments:
          deploymentsMs === null
            ? 0
            : await walk("deployments", (after) =>
                pruneRecords(database, "deployment", since(deploymentsMs), after),
              ),
        campaigns: deploymentsMs === null ? 0 : await pruneCampaigns(database, since(deploymentsMs)),
        operations:
          operationsMs === null
            ? 0
            : await walk("operations", (after) =>
                pruneRecords(database, "operation", since(operationsMs), after),
              ),
        events:
          eventsMs === null
            ? 0
            : await walk("events", (after) => pruneEvents(database, since(eventsMs), after)),
        logs: await pruneLogs(database, rules, nowMs),
        audit: auditMs === null ? 0 : await pruneAudit(database, since(auditMs), nowMs),
      };
    },
    oldest: () => readOldest(database),
  };
}

async function readOldest({ read }: Sql): Promise<Record<KeptKind, number | null>> {
  const record = async (kind: "deployment" | "operation") => {
    const found = read
      .selectFrom("records")
      .select("created_at")
      .where("kind", "=", kind)
      .orderBy("id")
      .limit(1);
    return (await found.executeTakeFirst())?.created_at ?? null;
  };
  const event = await read
    .selectFrom("events")
    .select("body")
    .orderBy("position")
    .limit(1)
    .executeTakeFirst();
  const campaign = await read
    .selectFrom("campaigns")
    .select("body")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  const log = await read.selectFrom("transcripts").select("at").orderBy("at").limit(1).executeTakeFirst();
  const audit = await read.selectFrom("audit").select("at").orderBy("seq").limit(1).executeTakeFirst();
  return {
    deployments: await record("deployment"),
    campaigns:
      campaign === undefined
        ? null
        : Date.parse((JSON.parse(campaign.body) as { createdAt: string }).createdAt),
    operations: await record("operation"),
    events: event === undefined ? null : Date.parse((JSON.parse(event.body) as { at: string }).at),
    logs: log?.at ?? null,
    audit: audit?.at ?? null,
  };
}
