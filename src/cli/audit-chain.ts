import { createHash } from "node:crypto";
import { type AuditAnswer, ChainFault, type Head, type Verified, verifyChain } from "../client/index.ts";
import { CommandError, EXIT } from "./exit.ts";

/**
 * Reckons the chain anew; see `verifyChain`.
 *
 * @throws CommandError `audit-broken`
 */
export async function verifyAudit(
  entries: AsyncIterable<AuditAnswer>,
  known: Head | undefined,
): Promise<Verified> {
  try {
    const digest = (text: string) => createHash("sha256").update(text).digest("hex");
    return await verifyChain(entries, digest, known);
  } catch (error) {
    if (!(error instanceof ChainFault)) throw error;
    throw new CommandError(`the audit does not hold together: ${error.message}`, {
      exit: EXIT.failed,
      code: "audit-broken",
      hint: "Compare it with an export or a backup from before.",
    });
  }
}
