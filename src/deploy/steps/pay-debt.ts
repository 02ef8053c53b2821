import type { Parts } from "../parts.ts";
import type { RecordView } from "../record.ts";
import type { OperationRequest } from "../request.ts";
import type { StepContext, Waiting } from "../step.ts";
import { endBmcEvents } from "./bmc-events.ts";
import { bringBootToDisk, bringOurDiscOut } from "./eject.ts";
import { known } from "./known.ts";
import { bringPower, powerToLeave } from "./power.ts";

type Needed = Pick<Parts, "timing" | "seals" | "store" | "exposures">;

/**
 * Does what a deployment's clean-up could not: no disc of ours is left in the slot, no override leads to it, and the power
 * is as was asked for.
 *
 * @returns undefined when nothing of it is owed any more
 */
export async function payDebt(
  parts: Needed,
  context: StepContext,
  deployment: RecordView,
): Promise<Waiting | undefined> {
  const waiting =
    (await bringOurDiscOut(parts, context)) ??
    (await bringBootToDisk(parts, context)) ??
    (await bringOwedPower(parts, context, deployment));
  if (waiting !== undefined) return waiting;
  await endBmcEvents(parts, context);
  await context.observe({ media: null });
  return undefined;
}

async function bringOwedPower(
  parts: Needed,
  context: StepContext,
  deployment: RecordView,
): Promise<Waiting | undefined> {
  const power = powerToLeave(deployment);
  if (power === undefined || (await isPowerDecidedSince(parts, deployment))) return undefined;
  return bringPower(parts, context, known(context, "bmc"), power);
}

/** A machine that somebody has switched since may be in use. */
async function isPowerDecidedSince({ store }: Needed, { node, endedAt }: RecordView): Promise<boolean> {
  const since = { kind: "operation", nodeId: node.id, since: endedAt!, limit: 100 } as const;
  const operations = await store.list(since);
  return operations.some(({ request }) => (request as OperationRequest).operation.kind === "power");
}
