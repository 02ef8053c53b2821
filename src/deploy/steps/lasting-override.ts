import type { DiscReads } from "../../images/index.ts";
import { RedfishError } from "../../redfish/index.ts";
import type { Parts } from "../parts.ts";
import type { StepContext, Waiting } from "../step.ts";
import { bringBootToDisk } from "./eject.ts";
import { deploymentOf, known, maybe } from "./known.ts";
import { hasBootedFromDisc } from "./sight.ts";

/**
 * Ends an override that leads every boot to the disc, where a BMC has none for one boot alone: as soon as the machine has
 * booted by it, or its next boot would begin the installation anew. Until then the deployment has not done its work.
 *
 * @returns undefined when there is nothing of it to be ended
 */
export async function endLastingOverride(
  parts: Pick<Parts, "timing">,
  context: StepContext,
  reads: DiscReads | undefined,
): Promise<Waiting | undefined> {
  const isOurs = deploymentOf(context).bootPolicy === "once" && maybe(context, "isOneShot") === false;
  if (!isOurs || maybe(context, "overrideEndedAt") !== undefined) return undefined;
  if (!hasBootedFromDisc(reads, Date.parse(known(context, "poweredOnAt")))) return undefined;
  try {
    const waiting = await bringBootToDisk(parts, context);
    if (waiting !== undefined) return waiting;
  } catch (error) {
    if (!(error instanceof RedfishError) || error.retryable) throw error;
    context.warn(`the override leads every boot to the disc until that is ejected: ${error.message}`);
  }
  context.learn({ overrideEndedAt: new Date(context.nowMs()).toISOString() });
  return undefined;
}
