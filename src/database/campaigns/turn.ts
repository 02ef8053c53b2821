import { sql } from "kysely";
import type {
  CampaignEventBody,
  Changed,
  Choice,
  TakenNode,
  ToCancel,
  Turn,
  TurnRules,
} from "../../campaigns/index.ts";
import type { RecordView } from "../../deploy/index.ts";
import type { Transaction } from "../sql.ts";
import { endedOf, readStanding } from "./reads.ts";
import { createLaneSum } from "./lane-sum.ts";
import { EXCLUSION, keepChange, moveLane, OPEN_STATES } from "./rows.ts";

/** How many nodes are settled in one transaction. */
const BATCH = 1000;

/** See `CampaignStore.turn`. */
export async function turn(transaction: Transaction, rules: TurnRules): Promise<Turn> {
  await transaction.exclude(EXCLUSION);
  const nowMs = await readClock(transaction);
  const changed = new Set<string>();
  const told = await settleEnded(transaction, nowMs);
  for (const id of [...told.keys(), ...(await makeReady(transaction, nowMs))]) changed.add(id);
  const standing = await readStanding(transaction.db);
  const { changes, picks } = rules.decide(standing, nowMs);
  for (const change of changes) {
    changed.add(change.campaign.id);
    const events = [...(told.get(change.campaign.id) ?? []), ...change.events];
    told.delete(change.campaign.id);
    await applyChange(transaction, { ...change, events }, nowMs);
  }
  const taken = await take(transaction, picks, nowMs + rules.claimMs);
  for (const { campaignId } of taken) changed.add(campaignId);
  const isChangedAlready = new Set(changes.map(({ campaign }) => campaign.id));
  for (const campaign of standing.campaigns) {
    const { id, startedAt } = campaign;
    if (!changed.has(id) || isChangedAlready.has(id)) continue;
    const isFirst = startedAt === null && taken.some(({ campaignId }) => campaignId === id);
    const started = isFirst ? { ...campaign, startedAt: new Date(nowMs).toISOString() } : campaign;
    await applyChange(transaction, { campaign: started, events: told.get(id) ?? [] }, nowMs);
  }
  return {
    taken,
    toCancel: await toCancel(transaction),
    changed: [...changed],
    dueInMs: await dueIn(transaction, nowMs),
    isBusy: standing.campaigns.length > 0,
  };
}

export async function readClock({ db, now }: Transaction): Promise<number> {
  const { at } = await db.selectNoFrom(now.as("at")).executeTakeFirstOrThrow();
  return at;
}

/** Keeps a change of a campaign, under the exclusion. */
export async function applyChange(transaction: Transaction, change: Changed, nowMs: number): Promise<void> {
  const { campaign } = change;
  const row = await transaction.db
    .selectFrom("campaigns")
    .select(["id", "last_event", "version"])
    .where("id", "=", campaign.id)
    .executeTakeFirstOrThrow();
  await keepChange(transaction, row, change, nowMs);
  if (change.withdraws === true) await withdraw(transaction, campaign.id, nowMs);
}

/** Counts what has ended. @returns what is to be told of it, by campaign */
async function settleEnded(
  transaction: Transaction,
  nowMs: number,
): Promise<Map<string, CampaignEventBody[]>> {
  const ended = await endedOf(transaction.db).limit(BATCH).execute();
  const codes = await readCodes(
    transaction,
    ended.filter(({ state }) => state === "failed").flatMap((row) => row.deployment_id ?? []),
  );
  const told = new Map<string, CampaignEventBody[]>();
  const lanes = createLaneSum();
  // What is not kept any more cannot be shown to have succeeded.
  const stateOf = (state: string | null) =>
    state === "succeeded" || state === "cancelled" ? state : ("failed" as const);
  for (const row of ended) {
    const state = stateOf(row.state);
    const took_ms = state === "succeeded" ? nowMs - (row.admitted_at ?? nowMs) : 0;
    lanes.add(row.campaign_id, row.lane, { running: -1, [state]: 1, took_ms });
    const events = told.get(row.campaign_id) ?? [];
    const node = { id: row.node_id, name: row.name };
    if (state === "failed") events.push(failureOf(node, row.deployment_id, codes));
    told.set(row.campaign_id, events);
  }
  for (const [state, rows] of Map.groupBy(ended, (row) => stateOf(row.state)))
    await transaction.db
      .updateTable("campaign_nodes")
      .set({ phase: state, ended_at: nowMs })
      .where("phase", "=", "running")
      .where(
        "deployment_id",
        "in",
        rows.map((row) => row.deployment_id),
      )
      .execute();
  await lanes.keep(transaction);
  return told;
}

/** Of what deployments have failed, by their ids. */
async function readCodes({ db }: Transaction, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("records").select(["id", "view"]).where("id", "in", ids).execute();
  return new Map(
    rows.flatMap(({ id, view }) => {
      const { error } = JSON.parse(view) as RecordView;
      return error === null ? [] : [[id, error.code] as const];
    }),
  );
}

function failureOf(
  node: { id: string; name: string },
  deploymentId: string | null,
  codes: ReadonlyMap<string, string>,
): CampaignEventBody {
  const code = deploymentId === null ? null : (codes.get(deploymentId) ?? null);
  return { type: "node-failed", node, deploymentId, code };
}

/** What was taken by somebody who died, and what was held long enough. @returns ids of their campaigns */
async function makeReady(transaction: Transaction, nowMs: number): Promise<string[]> {
  const { db } = transaction;
  const due = await db
    .selectFrom("campaign_nodes")
    .select(["campaign_id", "node_id", "lane", "phase"])
    .where("due_at", "<=", nowMs)
    .limit(BATCH)
    .execute();
  const lanes = createLaneSum();
  for (const { campaign_id: campaignId, lane, phase } of due)
    lanes.add(campaignId, lane, phase === "taken" ? { running: -1, ready: 1 } : { held: -1, ready: 1 });
  for (const [campaignId, rows] of Map.groupBy(due, (row) => row.campaign_id))
    await db
      .updateTable("campaign_nodes")
      .set({ phase: "ready", due_at: null })
      .where("campaign_id", "=", campaignId)
      .where(
        "node_id",
        "in",
        rows.map((row) => row.node_id),
      )
      .execute();
  await lanes.keep(transaction);
  return due.map((row) => row.campaign_id);
}

async function take(transaction: Transaction, picks: readonly Choice[], until: number): Promise<TakenNode[]> {
  const taken: TakenNode[] = [];
  for (const lane of Map.groupBy(
    picks,
    ({ campaignId, lane: number }) => `${campaignId}/${number}`,
  ).values()) {
    const [{ campaignId, lane: number }] = lane as [Choice, ...Choice[]];
    const rows = await transaction.db
      .updateTable("campaign_nodes")
      .set((row) => ({ phase: "taken", claim: row("claim", "+", 1), due_at: until }))
      .where("campaign_id", "=", campaignId)
      .where("node_id", "in", (inner) =>
        inner
          .selectFrom("campaign_nodes")
          .select("node_id")
          .where("campaign_id", "=", campaignId)
          .where("lane", "=", number)
          .where("phase", "=", "ready")
          .orderBy("place")
          .limit(lane.length),
      )
      .returning(["node_id", "name", "claim", "tries"])
      .execute();
    await moveLane(transaction, campaignId, number, { ready: -rows.length, running: rows.length });
    taken.push(...rows.map(({ node_id: nodeId, ...row }) => ({ campaignId, nodeId, ...row })));
  }
  return taken;
}

/** Nodes of a campaign that wait for anything wait no more. Whoever has taken one finds that it is too late. */
async function withdraw(transaction: Transaction, campaignId: string, nowMs: number): Promise<void> {
  const { db } = transaction;
  const phases = ["ready", "held", "taken"] as const;
  const waiting = await db
    .selectFrom("campaign_nodes")
    .select(["lane", "phase", ({ fn }) => fn.countAll<number>().as("count")])
    .where("campaign_id", "=", campaignId)
    .where("phase", "in", phases)
    .groupBy(["lane", "phase"])
    .execute();
  const lanes = createLaneSum();
  for (const { lane, phase, count } of waiting) {
    const from = phase === "taken" ? "running" : (phase as "ready" | "held");
    lanes.add(campaignId, lane, { [from]: -Number(count), cancelled: Number(count) });
  }
  await db
    .updateTable("campaign_nodes")
    .set({ phase: "cancelled", due_at: null, ended_at: nowMs })
    .where("campaign_id", "=", campaignId)
    .where("phase", "in", phases)
    .execute();
  await lanes.keep(transaction);
}

/** Deployments of campaigns that are cancelled with them, and were not asked to end yet. */
async function toCancel({ db }: Transaction): Promise<ToCancel[]> {
  const rows = await db
    .selectFrom("campaigns")
    .innerJoin("campaign_nodes", "campaign_nodes.campaign_id", "campaigns.id")
    .select(["deployment_id as deploymentId", "body"])
    .where("state", "in", OPEN_STATES)
    .where("state", "=", "cancelling")
    .where("phase", "=", "running")
    .where("is_cancel_sent", "=", 0)
    .$narrowType<{ deploymentId: string }>()
    .limit(BATCH)
    .execute();
  return rows.flatMap(({ deploymentId, body }) => {
    const { cancelRequested } = JSON.parse(body) as Changed["campaign"];
    return cancelRequested?.running === "cancel" ? [{ deploymentId, by: cancelRequested.by }] : [];
  });
}

async function dueIn({ db }: Transaction, nowMs: number): Promise<number | null> {
  const first = await db
    .selectFrom("campaign_nodes")
    .select(sql<number | null>`min(due_at)`.as("at"))
    .where("due_at", "is not", null)
    .executeTakeFirst();
  return first?.at == null ? null : Math.max(0, first.at - nowMs);
}
