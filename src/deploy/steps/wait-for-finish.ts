import { comesWhole, type DiscReads } from "../../images/index.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext, type StepResult } from "../step.ts";
import { lookAgainAt } from "./bmc-events.ts";
import { ejectAsDue, isEjectDue } from "./due-eject.ts";
import { deploymentOf, known, maybe, rungOf } from "./known.ts";
import { endLastingOverride } from "./lasting-override.ts";
import { keepDescription } from "./open-bmc.ts";
import { hasBootedFromDisc, hasReadAnything, isCopied } from "./sight.ts";
import { leaveUnread, notRead, restOfFirstRead } from "./unread.ts";

type Needed = Pick<Parts, "timing" | "seals" | "readCounts" | "store" | "exposures">;

/** Waits until the finish that was asked for is seen, and ejects meanwhile when the policy says so. */
export function waitForFinish(parts: Needed): Step {
  return {
    name: "wait-for-finish",
    async run(context) {
      const { finish, eject, agent } = deploymentOf(context);
      if (agent !== undefined) return (await waitWithoutDisc(parts, context)) ?? finished();
      const reads = await parts.readCounts.load(known(context, "disc").id);
      await noteFirstRead(context, reads);
      failIfTold(context);
      if (finish === "powered-on") return finished();
      if (maybe(context, "ejectedAt") !== undefined || isEjectDue(parts, context, eject, reads)) {
        const waiting = await ejectAsDue(parts, context, eject);
        if (waiting !== undefined) return waiting;
      }
      const retreat = await leaveUnread(parts, context, reads);
      return retreat ?? (await waitWithDisc(parts, context, reads)) ?? finished();
    },
  };
}

/** A call-back is heard also while the BMC is away; the clean-up sees to the override then. */
async function waitWithDisc(
  parts: Needed,
  context: StepContext,
  reads: DiscReads | undefined,
): Promise<StepResult | undefined> {
  const { finish } = deploymentOf(context);
  const early = finish === "callback" ? await waitForCallback(parts, context, reads) : undefined;
  if (finish === "callback" && early === undefined) return undefined;
  const ending = await endLastingOverride(parts, context, reads);
  return ending ?? early ?? WAITS[finish](parts, context, reads);
}

const finished = (): StepResult => done({ finished: true });

type Wait = (
  parts: Needed,
  context: StepContext,
  reads: DiscReads | undefined,
) => Promise<StepResult | undefined>;

/** Each gives undefined when its finish is seen. */
const WAITS: Record<ReturnType<typeof deploymentOf>["finish"], Wait> = {
  "powered-on": async () => undefined,
  "disc-read": waitForReads,
  "os-running": waitForBootProgress,
  "powered-off": waitForOff,
  callback: waitForCallback,
  agent: async () => undefined,
};

/** The agent's disc is out already, and what it was booted for is done. */
function waitWithoutDisc(parts: Needed, context: StepContext): Promise<StepResult | undefined> {
  failIfTold(context);
  return WAITS[deploymentOf(context).finish](parts, context, undefined);
}

const sinceOf = (context: StepContext): number => Date.parse(known(context, "poweredOnAt"));

async function waitForReads(
  { timing }: Needed,
  context: StepContext,
  reads: DiscReads | undefined,
): Promise<StepResult | undefined> {
  const sinceMs = sinceOf(context);
  if (hasBootedFromDisc(reads, sinceMs)) {
    const how = "boot image and more were read from the disc after power-on";
    if (comesWhole(known(context, "disc")))
      context.evidence("disc-read", `${how}, which is so small that a look at it reads it whole`, "weak");
    else context.evidence("disc-read", how, "strong");
    return undefined;
  }
  if (isCopied(reads, sinceMs)) {
    context.evidence("copied-by-bmc", "the BMC had read the whole disc before power-on", "weak");
    return undefined;
  }
  const restMs = restOfFirstRead(timing, context, reads);
  return {
    kind: "waiting",
    what:
      restMs === "over"
        ? "the first byte to be read from the disc"
        : "the machine to read its boot image and more from the disc",
    ...(restMs === "over" ? { cause: notRead(context, false).message } : {}),
    lookAgainMs: Math.min(30_000, typeof restMs === "number" ? restMs : Infinity),
    onTimeout: notRead(context, restMs === "read"),
  };
}

async function waitForBootProgress(parts: Needed, context: StepContext): Promise<StepResult | undefined> {
  const state = await (await context.bmc()).readState(known(context, "bmc"));
  if (state.bootProgress === "OSRunning") {
    context.evidence("os-running", "BootProgress reads OSRunning", "strong");
    return undefined;
  }
  return {
    kind: "waiting",
    what: "the BMC to report that the operating system runs",
    cause: `BootProgress is ${state.bootProgress ?? "not given"}`,
    lookAgainMs: await lookAgainAt(parts, context, context.nowMs() - sinceOf(context)),
  };
}

async function waitForOff(
  parts: Needed,
  context: StepContext,
  reads: DiscReads | undefined,
): Promise<StepResult | undefined> {
  const hasRead = context.view.evidence.some(({ what }) => what === "disc-read" || what === "copied-by-bmc");
  const reading = hasRead ? undefined : await waitForReads(parts, context, reads);
  if (reading !== undefined) return reading;
  const { power } = await (await context.bmc()).readState(known(context, "bmc"));
  if (power === "off") {
    context.evidence("powered-off", "PowerState reads Off after the disc was read", "strong");
    return undefined;
  }
  return {
    kind: "waiting",
    what: "the machine to switch itself off",
    lookAgainMs: await lookAgainAt(parts, context, context.nowMs() - sinceOf(context)),
    next: "the disc is ejected and the machine boots from its disk",
  };
}

/** Nothing wakes a record when a disc has long not been read. */
const SILENCE_LOOK_MS = 60_000;
/** Call-backs, reads and cancels wake the record, and thousands may wait so for hours. */
const LONG_LOOK_MS = 3_600_000;

async function waitForCallback(
  { timing }: Needed,
  context: StepContext,
  reads: DiscReads | undefined,
): Promise<StepResult | undefined> {
  const { callback } = context.view;
  if (callback?.status === "succeeded") {
    context.evidence("callback", "succeeded was posted to the call-back path", "strong");
    return undefined;
  }
  const isTimed = deploymentOf(context).eject === "when-booted" && maybe(context, "ejectedAt") === undefined;
  const restMs = restOfFirstRead(timing, context, reads);
  const pollMs = isTimed ? SILENCE_LOOK_MS : LONG_LOOK_MS;
  const lookAgainMs = Math.min(pollMs, typeof restMs === "number" ? restMs : Infinity);
  const cause = restMs === "over" ? { cause: notRead(context, false).message } : {};
  return { kind: "waiting", what: "the installer's call-back", ...cause, lookAgainMs };
}

function failIfTold(context: StepContext): void {
  const { callback } = context.view;
  if (callback?.status !== "failed") return;
  throw new StepError(`the installer reported failure${callback.message ? `: ${callback.message}` : ""}`, {
    code: "installer-failed",
    hint: "Look at the machine's console and the installer's log.",
  });
}

export async function noteFirstRead(context: StepContext, reads: DiscReads | undefined): Promise<void> {
  if (context.view.evidence.some(({ what }) => what === "first-byte")) return;
  if (!hasReadAnything(reads, sinceOf(context))) return;
  context.evidence("first-byte", `read by ${reads!.readers.join(", ")} after power-on`, "strong");
  // What had to be found out the hard way is tried first the next time.
  if ((maybe(context, "tried") ?? []).length > 0) await keepDescription(context, rungOf(context));
}
