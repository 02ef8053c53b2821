import type { NewRecord } from "../../deploy/index.ts";
import type { Transaction } from "../sql.ts";

type CampaignClaim = NonNullable<NewRecord["campaign"]>;

/**
 * Whether a campaign's node still waits for the deployment that is about to be accepted, and nobody changes that before the
 * end of the transaction: so that no node gets two, and none is forgotten whenever a process dies.
 */
export async function isStillTaken(
  transaction: Transaction,
  taken: CampaignClaim,
  nodeId: string,
): Promise<boolean> {
  const row = await transaction.db
    .selectFrom("campaign_nodes")
    .select("node_id")
    .where("campaign_id", "=", taken.id)
    .where("node_id", "=", nodeId)
    .where("phase", "=", "taken")
    .where("claim", "=", taken.claim)
    .$if(transaction.locksRows, (query) => query.forUpdate())
    .executeTakeFirst();
  return row !== undefined;
}

/** Gives the node its deployment; `isStillTaken` has locked its row. */
export async function giveDeployment(
  { db, now }: Transaction,
  taken: CampaignClaim,
  nodeId: string,
  deploymentId: string,
): Promise<void> {
  await db
    .updateTable("campaign_nodes")
    .set({ phase: "running", deployment_id: deploymentId, due_at: null, hindrance: null, admitted_at: now })
    .where("campaign_id", "=", taken.id)
    .where("node_id", "=", nodeId)
    .execute();
}
