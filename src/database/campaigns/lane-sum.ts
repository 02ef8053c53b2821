import type { Transaction } from "../sql.ts";
import { type LaneChange, moveLane } from "./rows.ts";

/** Sums up changes of lanes, so that each is written once. */
export function createLaneSum() {
  const sums = new Map<string, { campaignId: string; lane: number; change: LaneChange }>();
  return {
    add(campaignId: string, lane: number, more: LaneChange): void {
      const key = `${campaignId}/${lane}`;
      const sum = sums.get(key) ?? { campaignId, lane, change: {} };
      for (const [column, by] of Object.entries(more) as [keyof LaneChange, number][])
        sum.change[column] = (sum.change[column] ?? 0) + by;
      sums.set(key, sum);
    },
    async keep(transaction: Transaction): Promise<void> {
      for (const { campaignId, lane, change } of sums.values())
        await moveLane(transaction, campaignId, lane, change);
    },
  };
}
