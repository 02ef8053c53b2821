import type { Selectable } from "kysely";
import type {
  Campaign,
  CampaignEvent,
  CampaignEventBody,
  CampaignNode,
  CampaignNodeState,
  Changed,
  Hindrance,
  Lane,
} from "../../campaigns/index.ts";
import type { Transaction } from "../sql.ts";
import type { CampaignLaneRow, CampaignNodePhase, CampaignNodeRow, Tables } from "../tables.ts";

/** States of campaigns that are not over, as the index `campaigns_open` has them. */
export const OPEN_STATES = ["running", "paused", "cancelling"] as const;

/** Shared by all transactions that move nodes of campaigns. */
export const EXCLUSION = "campaigns";

/** Which phases make which state. */
export const PHASES: Record<CampaignNodeState, readonly CampaignNodePhase[]> = {
  waiting: ["ready", "held", "taken"],
  running: ["running"],
  succeeded: ["succeeded"],
  failed: ["failed"],
  cancelled: ["cancelled"],
  skipped: ["skipped"],
};

export function toCampaign(row: Pick<Tables["campaigns"], "body" | "version">): Campaign {
  // Campaigns that were made before there were retries say nothing of them.
  const none = { retryOf: null, retriedAs: null };
  return { ...none, ...(JSON.parse(row.body) as Campaign), version: row.version };
}

export function toLane(row: Selectable<CampaignLaneRow>): Lane {
  const { campaign_id: campaignId, is_canary: isCanary, took_ms: _, ...lane } = row;
  return { campaignId, ...lane, isCanary: isCanary === 1 };
}

export function toLaneRow({ campaignId, isCanary, ...lane }: Lane): Selectable<CampaignLaneRow> {
  return { campaign_id: campaignId, ...lane, is_canary: isCanary ? 1 : 0, took_ms: 0 };
}

export function toNode(row: Selectable<CampaignNodeRow>): CampaignNode {
  const state = (Object.keys(PHASES) as CampaignNodeState[]).find((name) =>
    PHASES[name].includes(row.phase),
  )!;
  const when = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    node: { id: row.node_id, name: row.name },
    place: row.place,
    lane: row.lane,
    state,
    isHeld: row.phase === "held",
    deploymentId: row.deployment_id,
    hindrance: row.hindrance === null ? null : (JSON.parse(row.hindrance) as Hindrance),
    admittedAt: when(row.admitted_at),
    endedAt: when(row.ended_at),
  };
}

/** A row that is held for the rest of the transaction. */
type CampaignRow = Selectable<Tables["campaigns"]>;

/** Keeps a campaign as it was changed, with its events behind those that it has. */
export async function keepChange(
  transaction: Transaction,
  row: Pick<CampaignRow, "id" | "last_event" | "version">,
  { campaign, events }: Pick<Changed, "campaign" | "events">,
  nowMs: number,
): Promise<void> {
  const last = row.last_event + events.length;
  await transaction.db
    .updateTable("campaigns")
    .set({
      state: campaign.state,
      body: JSON.stringify(campaign),
      version: row.version + 1,
      last_event: last,
    })
    .where("id", "=", row.id)
    .execute();
  await insertEvents(transaction, row.id, row.last_event, events, nowMs);
}

export async function insertEvents(
  transaction: Transaction,
  campaignId: string,
  after: number,
  bodies: readonly CampaignEventBody[],
  nowMs: number,
): Promise<void> {
  if (bodies.length === 0) return;
  const at = new Date(nowMs).toISOString();
  const rows = bodies.map((body, index) => {
    const event: CampaignEvent = { ...body, v: 1, seq: after + 1 + index, at };
    const position = transaction.nextPosition();
    const row = { campaign_id: campaignId, seq: event.seq, body: JSON.stringify(event) };
    return position === undefined ? row : { ...row, position };
  });
  await transaction.db.insertInto("campaign_events").values(rows).execute();
}

/** By how much the numbers of a lane change. */
export type LaneChange = Partial<
  Record<"ready" | "held" | "running" | "succeeded" | "failed" | "cancelled" | "skipped" | "took_ms", number>
>;

export async function moveLane(
  { db }: Transaction,
  campaignId: string,
  lane: number,
  change: LaneChange,
): Promise<void> {
  const moved = Object.entries(change).filter(([, by]) => by !== 0) as [keyof LaneChange, number][];
  if (moved.length === 0) return;
  await db
    .updateTable("campaign_lanes")
    .set((row) => Object.fromEntries(moved.map(([column, by]) => [column, row(column, "+", by)])))
    .where("campaign_id", "=", campaignId)
    .where("number", "=", lane)
    .execute();
}
