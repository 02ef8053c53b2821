import type { AuditStore } from "../api/index.ts";
import { uuidOf } from "../images/index.ts";
import type { RefusedCall } from "../provision/index.ts";

/** Keeps refused calls below an agent's path in the audit, where they are found by their deployment. */
export function auditRefusals(
  audit: Pick<AuditStore, "append">,
  clock: () => number,
): (refused: RefusedCall) => Promise<void> {
  return async ({ recordId, from, action, why, status }) => {
    await audit.append({
      at: new Date(clock()).toISOString(),
      // What a caller without the token says of itself proves nothing.
      who: null,
      from,
      action,
      target: `/v1/deployments/${recordId}`,
      outcome: "refused",
      status,
      code: why,
      // The agent names the same in its own log (`ipa-global-request-id`).
      requestId: `req-${uuidOf(recordId)}`,
      before: null,
      after: null,
    });
  };
}
