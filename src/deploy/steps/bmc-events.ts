import { RedfishError } from "../../redfish/index.ts";
import { longPaceOf } from "../act.ts";
import { eventsPath } from "../exposure.ts";
import { isFinal } from "../fold.ts";
import type { Parts } from "../parts.ts";
import { eventsSecret, hashOf, installationOf } from "../secret.ts";
import type { StepContext } from "../step.ts";
import { known, maybe } from "./known.ts";
import { ownerOf } from "./publish-disc.ts";

type Needed = Pick<Parts, "timing" | "seals" | "exposures" | "store">;

/**
 * When to look again at what only the BMC knows, in milliseconds. A wait that is long has the BMC tell us; what it tells
 * wakes the record, which then looks by itself.
 *
 * @param sinceMs how long it was waited for
 */
export async function lookAgainAt(parts: Needed, context: StepContext, sinceMs: number): Promise<number> {
  const { timing } = parts;
  if (sinceMs < timing.eventsAfterMs) return longPaceOf(timing, sinceMs);
  return longPaceOf(timing, sinceMs, await isToldByBmc(parts, context));
}

/** Asked once a deployment: a BMC that does not tell is looked at more often, and that is all. */
async function isToldByBmc(parts: Needed, context: StepContext): Promise<boolean> {
  if (maybe(context, "bmcEvents") !== undefined) return hasSubscription(context);
  try {
    await subscribe(parts, context);
  } catch (error) {
    if (!(error instanceof RedfishError)) throw error;
    // It may have made one all the same, which is looked for at the end.
    context.learn({ bmcEvents: { path: null } });
  }
  return hasSubscription(context);
}

function hasSubscription(context: StepContext): boolean {
  const events = maybe(context, "bmcEvents");
  return events !== undefined && "path" in events && events.path !== null;
}

async function subscribe(parts: Needed, context: StepContext): Promise<void> {
  const { id } = context.view;
  const secret = eventsSecret(parts.seals, id);
  await parts.exposures.publish({ kind: "events", secretHash: hashOf(secret), recordId: id });
  const answer = await (await context.bmc()).subscribe({
    url: known(context, "provisionUrl") + eventsPath(secret),
    context: contextOf(parts, id),
    isWanted: (one) => isWanted(parts, one),
  });
  context.learn({ bmcEvents: answer.path === null ? { none: answer.why } : { path: answer.path } });
}

/** By this Context a subscription is ours, and a deployment's: other installations may use the same BMC. */
function contextOf({ seals }: Pick<Parts, "seals">, recordId: string): string {
  return `trayload/${installationOf(seals)}/${recordId}`;
}

/** Whether the deployment that it was made for is still under way; undefined for what is not ours. */
async function isWanted(parts: Needed, context: string): Promise<boolean | undefined> {
  const ours = contextOf(parts, "");
  if (!context.startsWith(ours)) return undefined;
  const view = await parts.store.get(context.slice(ours.length));
  return view !== undefined && !isFinal(view.state);
}

/** Ends the subscription, if there may be one. @throws RedfishError when the BMC cannot be asked */
export async function endBmcEvents(parts: Needed, context: StepContext): Promise<void> {
  const events = maybe(context, "bmcEvents");
  if (events === undefined || !("path" in events)) return;
  const owner = ownerOf(context);
  await parts.exposures.expire(owner, "events", null);
  await (await context.bmc()).unsubscribe({ path: events.path, context: contextOf(parts, owner) });
  context.learn({ bmcEvents: { ended: true } });
}

/** The same where a disc that stays is cared for by another record, which tries again when the disc leaves. */
export async function tryToEndBmcEvents(parts: Needed, context: StepContext): Promise<void> {
  try {
    await endBmcEvents(parts, context);
  } catch (error) {
    if (!(error instanceof RedfishError)) throw error;
    context.warn(`the BMC's events could not be ended yet: ${error.message}`);
  }
}
