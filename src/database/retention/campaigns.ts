import type { Sql } from "../sql.ts";

/** Campaigns of one run; one may have thousands of nodes. */
const BATCH = 5;

/** Removes campaigns that have ended, but not their deployments. @param endedBefore milliseconds since 1970 @returns how many */
export function pruneCampaigns(database: Sql, endedBefore: number): Promise<number> {
  return database.write(async (transaction) => {
    await transaction.exclude("prune");
    const { db } = transaction;
    const old = await db
      .selectFrom("campaigns")
      .select("id")
      .where("state", "in", ["succeeded", "failed", "cancelled"])
      .where(database.field("campaigns.body", "endedAt"), "<", new Date(endedBefore).toISOString())
      .orderBy("id")
      .limit(BATCH)
      .execute();
    const ids = old.map(({ id }) => id);
    if (ids.length === 0) return 0;
    for (const table of ["campaign_events", "campaign_nodes", "campaign_lanes"] as const)
      await db.deleteFrom(table).where("campaign_id", "in", ids).execute();
    await db.deleteFrom("campaigns").where("id", "in", ids).execute();
    return ids.length;
  });
}
