import { paceOf } from "../act.ts";
import { endAgent, isAgentHeard } from "../agent/boot.ts";
import { keepAgentLog } from "../agent/log.ts";
import { wipeDisks } from "../agent/wipe.ts";
import { isStoreAway, toFailure } from "../errors.ts";
import { Fenced } from "../journal.ts";
import type { Parts } from "../parts.ts";
import { newEjectWhenDue } from "../plan.ts";
import { done, type Step, type StepContext, type StepResult, type Waiting } from "../step.ts";
import { endBmcEvents, tryToEndBmcEvents } from "./bmc-events.ts";
import { bringBootToDisk, bringOurDiscOut } from "./eject.ts";
import { deploymentOf, known, maybe } from "./known.ts";
import { bringPower, powerToLeave } from "./power.ts";

type Needed = Pick<Parts, "timing" | "seals" | "exposures" | "images" | "agents" | "blobs" | "store">;

/** How long a call-back path outlives its deployment, for a late success. */
const CALLBACK_STAYS_MS = 24 * 3_600_000;

/**
 * Leaves the BMC as the policy says: runs after success, failure and cancel, and can only warn. What it cannot do in its
 * time becomes a debt that the node carries.
 */
export function cleanUp(parts: Needed): Step {
  return {
    name: "clean-up",
    async run(context) {
      const until = new Date(context.nowMs() + CALLBACK_STAYS_MS).toISOString();
      await Promise.all([
        parts.exposures.expire(context.view.id, "callback", until),
        // The agent has done what it came for, or nobody waits for it any more.
        parts.exposures.expire(context.view.id, "file", null),
      ]);
      const stays = staysInSlot(context);
      if (context.view.error !== null) await doubtDescription(context);
      try {
        const waiting = await leaveMachine(parts, context, stays);
        if (waiting !== undefined && context.nowMs() < context.deadlineMs) return waiting;
        if (waiting !== undefined) return owe(context, `waited in vain for ${waiting.what}`);
      } catch (error) {
        return tryAgainOrOwe(parts, context, error);
      }
      if (deploymentOf(context).agent !== undefined) await endAgent(parts, context);
      if (stays && hasDiscIn(context)) await carry(context);
      else await withdraw(parts, context);
      return done({ clean: true });
    },
  };
}

/** Something may have been other than it was described: it is described anew, and only what has worked is remembered. */
async function doubtDescription(context: StepContext): Promise<void> {
  const { described } = (await context.node()).observed;
  if (described !== null)
    await context.observe({ described: { ...described, at: new Date(0).toISOString() } });
}

/** Whether the disc is to stay after the end: only a success leaves one behind. */
function staysInSlot(context: StepContext): boolean {
  if (maybe(context, "finished") !== true) return false;
  const { eject, finish } = deploymentOf(context);
  if (finish === "powered-off" || (eject === "on-callback" && finish === "callback")) return false;
  return eject !== "at-end";
}

function hasDiscIn(context: StepContext): boolean {
  return maybe(context, "slotPath") !== undefined && maybe(context, "ejectedAt") === undefined;
}

async function leaveMachine(
  parts: Needed,
  context: StepContext,
  stays: boolean,
): Promise<Waiting | undefined> {
  if (maybe(context, "bmc") === undefined || context.view.intents.length === 0) return undefined;
  if (stays) await tryToEndBmcEvents(parts, context);
  else {
    const off = await endWork(parts, context);
    if (off !== undefined) return off;
    const waiting = (await bringOurDiscOut(parts, context)) ?? (await endOverride(parts, context));
    if (waiting !== undefined) return waiting;
    await endBmcEvents(parts, context);
  }
  return leavePower(parts, context);
}

/** An agent that was left in the midst of its work is asked for its log and switched off: it would go on for ever. */
async function endWork(parts: Needed, context: StepContext): Promise<Waiting | undefined> {
  const { agent } = deploymentOf(context);
  const hasBegun = context.view.intents.some(
    ({ kind, step }) => kind === "power-on" && step.startsWith("boot-from-disc"),
  );
  if (agent === undefined || !hasBegun || maybe(context, "tornDownAt") !== undefined) return undefined;
  const isWanted =
    agent.collectLogs === "always" || (agent.collectLogs === "on-failure" && context.view.error !== null);
  if (await isAgentHeard(parts, context)) {
    if (isWanted) await keepAgentLog(parts, context);
    const waiting = mustWipe(context) ? await wipeDisks(parts, context) : undefined;
    if (waiting !== undefined) return waiting;
  }
  return bringPower(parts, context, known(context, "bmc"), "off");
}

/** Only what a step of the agent may have touched is wiped. */
function mustWipe(context: StepContext): boolean {
  const hasBegun = context.view.steps.some(({ agent, attempts }) => agent !== undefined && attempts > 0);
  return deploymentOf(context).agent?.cleansAfter === true && hasBegun;
}

/** An override that was never set, or was for the one boot that has begun, needs no request to be ended. */
async function endOverride(parts: Needed, context: StepContext): Promise<Waiting | undefined> {
  const wasSet = context.view.intents.some(({ kind }) => kind === "boot-override");
  const wasConsumed = maybe(context, "isOneShot") === true && maybe(context, "poweredOnAt") !== undefined;
  return wasSet && !wasConsumed ? bringBootToDisk(parts, context) : undefined;
}

/** The power that was asked for, once the deployment has succeeded; else the machine is left as it is. */
async function leavePower(parts: Needed, context: StepContext): Promise<Waiting | undefined> {
  const power = powerToLeave(context.view);
  return power && bringPower(parts, context, known(context, "bmc"), power);
}

/** Nobody reads the disc any more. */
async function withdraw({ exposures, images }: Needed, context: StepContext): Promise<void> {
  await Promise.all([exposures.expire(context.view.id, "disc", null), images.release(context.view.id)]);
}

/** The node carries the disc on, and a record of its own looks after it. */
async function carry(context: StepContext): Promise<void> {
  const { eject, discTtlMs } = deploymentOf(context);
  const until = eject === "never" ? null : new Date(context.nowMs() + discTtlMs).toISOString();
  await remember(context, until, null);
  if (eject !== "never") context.followUp(newEjectWhenDue(context.view, context.nowMs(), discTtlMs));
}

async function remember(context: StepContext, until: string | null, owed: string | null): Promise<void> {
  const { eject } = deploymentOf(context);
  const slot = maybe(context, "slotPath") ?? "unknown";
  const second =
    maybe(context, "secondEjectedAt") === undefined ? maybe(context, "secondSlotPath") : undefined;
  const beside = second === undefined ? {} : { secondSlot: second };
  await context.observe({ media: { deploymentId: context.view.id, slot, ...beside, eject, until, owed } });
}

async function tryAgainOrOwe({ timing }: Needed, context: StepContext, error: unknown): Promise<StepResult> {
  if (error instanceof Fenced || isStoreAway(error)) throw error;
  const { message, retryable } = toFailure(error, context.step);
  if (!retryable || context.nowMs() >= context.deadlineMs) return owe(context, message);
  return {
    kind: "waiting",
    what: "the BMC to take the clean-up",
    cause: message,
    lookAgainMs: paceOf(timing, context.nowMs() - context.startedMs),
  };
}

/** Ends the deployment in time; a record of its own keeps trying. */
async function owe(context: StepContext, why: string): Promise<StepResult> {
  context.warn(`clean-up is owed: ${why}`);
  const { discTtlMs } = deploymentOf(context);
  if (maybe(context, "slotPath") !== undefined || context.view.intents.length > 0) {
    const until = new Date(context.nowMs() + discTtlMs).toISOString();
    await remember(context, until, why);
    context.followUp(newEjectWhenDue(context.view, context.nowMs(), discTtlMs));
  }
  return done({ clean: false });
}
