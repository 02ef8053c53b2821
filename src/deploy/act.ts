import { type Asked, RedfishError, type TaskState } from "../redfish/index.ts";
import { StepError, type StepErrorCode } from "./errors.ts";
import type { IntendedAction } from "./events.ts";
import type { Intent } from "./record.ts";
import type { StepContext, Waiting } from "./step.ts";
import type { Timing } from "./timing.ts";

/** One thing that a BMC is to be brought to. */
export interface Change {
  action: IntendedAction;
  /** In words for people: "power to be on". */
  what: string;
  /** Whether the world is so already. */
  isSo: () => Promise<boolean>;
  /** What a look has just told, so that the first one need not be taken again. */
  isSoNow?: boolean;
  act: (asked: Asked) => Promise<void>;
  /** How long the BMC may take to show it before it is asked again. */
  settleMs: number;
  /** When the BMC was last seen at work on it, in milliseconds since 1970: its settle time counts from then. */
  atWorkMs?: () => Promise<number>;
  /** After how many answers that showed no effect it is given up. */
  tries: number;
  ifNotSeen: { code: StepErrorCode; message: string; hint: string };
}

/**
 * Looks, announces, acts, and looks again. A BMC cannot be fenced, so an announced action whose effect does not show yet
 * is given its settle time before it is sent again: its first sender may have died with the answer on the way.
 *
 * @returns undefined when it is so, else what to wait for
 * @throws StepError when it was asked `tries` times and never seen
 */
export async function bring(
  context: StepContext,
  timing: Timing,
  change: Change,
): Promise<Waiting | undefined> {
  // A process that sleeps between its look and what follows must not take an old look for one after the settle time.
  const lookedMs = context.nowMs();
  if (change.isSoNow ?? (await change.isSo())) return undefined;
  const earlier = intentsOf(context, change.action);
  const last = earlier.at(-1);
  if (last !== undefined) {
    const followed = await followLast(context, timing, change, last);
    if (followed !== "unknown") return followed;
    const sinceMs = Math.max(overAtMs(last), (await change.atWorkMs?.()) ?? 0);
    const restMs = sinceMs + change.settleMs - lookedMs;
    if (restMs > 0) return waitingFor(context, timing, change, last, restMs);
    if (isSpent(context, earlier, change.tries))
      throw new StepError(change.ifNotSeen.message, { ...change.ifNotSeen });
  }
  try {
    await send(context, change);
  } catch (error) {
    if (last !== undefined && (await hasActedMeanwhile(context, change))) return undefined;
    throw error;
  }
  if (await change.isSo()) return undefined;
  const sent = intentsOf(context, change.action).at(-1)!;
  return waitingFor(context, timing, change, sent, change.settleMs);
}

/** For so long a task that was just begun may be missing (iDRAC; field notes, 2.1 row 11). */
const MISSING_FOR_MS = 10_000;

/**
 * A task goes on when whoever began it is gone: its monitor tells more than the world does.
 *
 * @returns undefined when it is so, `unknown` where there is no task that tells
 * @throws RedfishError with the task's messages when it failed
 */
async function followLast(
  context: StepContext,
  timing: Timing,
  change: Change,
  { monitor, outcome, at }: Intent,
): Promise<Waiting | undefined | "unknown"> {
  const { action, what, isSo, ifNotSeen } = change;
  if (monitor === undefined || outcome === "answered") return "unknown";
  const sinceMs = context.nowMs() - Date.parse(at);
  const state = await endOf(context, action, monitor);
  if (state === "running" || (state === "gone" && sinceMs < MISSING_FOR_MS)) {
    const cause = `the BMC's task ${monitor} is at work on it`;
    return { kind: "waiting", what, cause, lookAgainMs: paceOf(timing, sinceMs), onTimeout: ifNotSeen };
  }
  if (state === "gone") return "unknown";
  context.answered(action, "answered");
  await context.lookAnew();
  if (await isSo()) return undefined;
  return waitingFor(context, timing, change, intentsOf(context, action).at(-1)!, change.settleMs);
}

async function endOf(context: StepContext, action: IntendedAction, monitor: string): Promise<TaskState> {
  try {
    return await (await context.bmc()).readTask(monitor);
  } catch (error) {
    if (error instanceof RedfishError && !error.mayHaveActed) context.answered(action, "refused");
    throw error;
  }
}

/** A repeat may be refused because what was sent before has acted at last. */
async function hasActedMeanwhile(context: StepContext, { isSo }: Change): Promise<boolean> {
  await context.lookAnew();
  return isSo().catch(() => false);
}

/** Requests that were cut off, by our death or the network's, are repeated a few times beyond those that were answered. */
const CUT_OFF_TRIES = 5;
/** Requests older than this count no more: a record that pays a debt has a day, in which a BMC may come to itself. */
const FORGOTTEN_MS = 10 * 60_000;

function isSpent(context: StepContext, earlier: Intent[], tries: number): boolean {
  const sinceMs = context.nowMs() - FORGOTTEN_MS;
  const recent = earlier.filter((intent) => Date.parse(intent.at) > sinceMs);
  const answered = recent.filter((intent) => intent.outcome === "answered").length;
  return answered >= tries || recent.length - answered >= CUT_OFF_TRIES;
}

/** Announced actions of this step of this kind on this target, oldest first, but for those that surely did nothing. */
export function intentsOf(context: StepContext, action: Pick<IntendedAction, "kind" | "target">): Intent[] {
  return context.view.intents.filter(
    (intent) =>
      intent.step === context.step &&
      intent.kind === action.kind &&
      intent.target === action.target &&
      intent.outcome !== "refused",
  );
}

async function send(context: StepContext, { action, act }: Change): Promise<void> {
  await context.intend(action);
  try {
    await act({ onMonitor: (monitor) => context.accepted(action, monitor) });
    context.answered(action, "answered");
  } catch (error) {
    const surelyNot = error instanceof RedfishError && !error.mayHaveActed;
    context.answered(action, surelyNot ? "refused" : "unknown");
    throw error;
  }
}

/** Without an answer the request may still be under way until its limit. */
function overAtMs({ at, limitMs, answeredAt }: Intent): number {
  return answeredAt === null ? Date.parse(at) + limitMs : Date.parse(answeredAt);
}

function waitingFor(
  context: StepContext,
  timing: Timing,
  change: Change,
  sent: Intent,
  restMs: number,
): Waiting {
  const sinceMs = Math.max(0, context.nowMs() - Date.parse(sent.at));
  return {
    kind: "waiting",
    what: change.what,
    lookAgainMs: Math.min(paceOf(timing, sinceMs), Math.max(restMs, timing.lookMs)),
    onTimeout: change.ifNotSeen,
  };
}

const LONG_LOOK_MS = 60_000;
const LONGEST_TOLD_LOOK_MS = 300_000;

/**
 * The pace of a wait that may take an hour: a twentieth of the time that it has taken so far, and a fifth where the BMC has
 * promised to tell, since its promise is no more than that.
 */
export function longPaceOf(timing: Timing, sinceMs: number, isTold = false): number {
  const grownMs = isTold ? Math.min(LONGEST_TOLD_LOOK_MS, sinceMs / 5) : Math.min(LONG_LOOK_MS, sinceMs / 20);
  return Math.max(paceOf(timing, sinceMs), grownMs);
}

/** Looks often at first and ever more seldom: half of the time that it has taken so far. */
export function paceOf(timing: Timing, sinceMs: number): number {
  return Math.min(timing.longestLookMs, Math.max(timing.lookMs, sinceMs / 2));
}
