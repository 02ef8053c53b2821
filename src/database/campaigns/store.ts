import type {
  Campaign,
  CampaignEventBody,
  CampaignStore,
  NewCampaign,
  Outcome,
  TakenNode,
} from "../../campaigns/index.ts";
import type { Sql, Transaction } from "../sql.ts";
import { createCampaignReads, readStandings } from "./reads.ts";
import { EXCLUSION, insertEvents, moveLane, toLaneRow } from "./rows.ts";
import { applyChange, readClock, turn } from "./turn.ts";

/** Rows that one statement inserts: each has fourteen parameters, of which SQLite takes 32,766. */
const ROWS = 1000;

/** See `CampaignStore`. */
export function createCampaignStore(sql: Sql): CampaignStore {
  const { write } = sql;
  return {
    ...createCampaignReads(sql),
    insert: (campaign) => write((transaction) => insert(transaction, campaign)),
    change: (id, change) =>
      write(async (transaction) => {
        await transaction.exclude(EXCLUSION);
        const now = await readStandings(transaction.db, id);
        if (now === undefined) return undefined;
        const nowMs = await readClock(transaction);
        const changed = change(now, nowMs);
        if (changed === undefined) return now;
        await applyChange(transaction, changed, nowMs);
        return readStandings(transaction.db, id);
      }),
    turn: (rules) => write((transaction) => turn(transaction, rules)),
    settle: (taken, outcome) => write((transaction) => settle(transaction, taken, outcome)),
    cancelSent: (deploymentIds) =>
      write(async ({ db }) => {
        if (deploymentIds.length === 0) return;
        const rows = db.updateTable("campaign_nodes").set({ is_cancel_sent: 1 });
        await rows.where("deployment_id", "in", deploymentIds).execute();
      }),
    noteLoads: (loads) =>
      write(async ({ db }) => {
        await db.deleteFrom("campaign_loads").execute();
        const rows = [...loads].map(([server, { bytesPerSecond, reading, begun }]) => {
          return { server, bytes_per_second: Math.round(bytesPerSecond), reading, begun };
        });
        if (rows.length > 0) await db.insertInto("campaign_loads").values(rows).execute();
      }),
  };
}

async function insert(
  transaction: Transaction,
  { campaign, lanes, nodes, sealedTemplate, event }: NewCampaign,
): Promise<boolean> {
  const { db } = transaction;
  const { id, name, state, version } = campaign;
  const nowMs = await readClock(transaction);
  if (!(await noteRetry(transaction, campaign, nowMs))) return false;
  const body = JSON.stringify(campaign);
  const row = { id, name, state, version, last_event: 1, body, sealed_template: sealedTemplate };
  await db.insertInto("campaigns").values(row).execute();
  if (lanes.length > 0) await db.insertInto("campaign_lanes").values(lanes.map(toLaneRow)).execute();
  const rows = nodes.map(({ node, lane, state: stands, hindrance }, place) => ({
    campaign_id: id,
    node_id: node.id,
    name: node.name,
    place,
    lane,
    phase: stands === "skipped" ? ("skipped" as const) : ("ready" as const),
    claim: 0,
    tries: 0,
    due_at: null,
    deployment_id: null,
    is_cancel_sent: 0,
    hindrance: hindrance === null ? null : JSON.stringify(hindrance),
    admitted_at: null,
    ended_at: stands === "skipped" ? nowMs : null,
  }));
  for (let at = 0; at < rows.length; at += ROWS)
    await db
      .insertInto("campaign_nodes")
      .values(rows.slice(at, at + ROWS))
      .execute();
  const labels = Object.entries(campaign.scope).map(([label, value]) => ({
    owner_id: id,
    name: label,
    value,
  }));
  if (labels.length > 0) await db.insertInto("labels").values(labels).execute();
  await insertEvents(transaction, id, 0, [event], nowMs);
  return true;
}

/** Has the campaign that is retried say so. @returns false when it says so already */
async function noteRetry(
  transaction: Transaction,
  { id, retryOf }: Campaign,
  nowMs: number,
): Promise<boolean> {
  if (retryOf === null) return true;
  await transaction.exclude(EXCLUSION);
  const { campaign } = (await readStandings(transaction.db, retryOf))!;
  if (campaign.retriedAs !== null) return false;
  await applyChange(transaction, { campaign: { ...campaign, retriedAs: id }, events: [] }, nowMs);
  return true;
}

async function settle(transaction: Transaction, taken: TakenNode, outcome: Outcome): Promise<void> {
  await transaction.exclude(EXCLUSION);
  const { db } = transaction;
  const { campaignId, nodeId, claim, name } = taken;
  const nowMs = await readClock(transaction);
  const isHeld = outcome.kind === "held";
  const row = await db
    .updateTable("campaign_nodes")
    .set((node) => ({
      phase: outcome.kind,
      hindrance: JSON.stringify(outcome.hindrance),
      tries: node("tries", "+", 1),
      due_at: isHeld ? nowMs + outcome.dueInMs : null,
      ended_at: isHeld ? null : nowMs,
    }))
    .where("campaign_id", "=", campaignId)
    .where("node_id", "=", nodeId)
    .where("phase", "=", "taken")
    .where("claim", "=", claim)
    .returning("lane")
    .executeTakeFirst();
  if (row === undefined) return;
  await moveLane(transaction, campaignId, row.lane, { running: -1, [outcome.kind]: 1 });
  const { campaign } = (await readStandings(db, campaignId))!;
  const { code } = outcome.hindrance;
  const node = { id: nodeId, name };
  await applyChange(transaction, { campaign, events: eventsOf(outcome.kind, node, code) }, nowMs);
}

function eventsOf(
  kind: Outcome["kind"],
  node: { id: string; name: string },
  code: string,
): CampaignEventBody[] {
  if (kind === "held") return [];
  return kind === "failed"
    ? [{ type: "node-failed", node, deploymentId: null, code }]
    : [{ type: "node-skipped", node, code }];
}
