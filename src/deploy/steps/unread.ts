import type { DiscReads } from "../../images/index.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import type { StepContext, StepResult, Waiting } from "../step.ts";
import type { Timing } from "../timing.ts";
import { nextRung } from "./insert-media.ts";
import { known, maybe, rungOf } from "./known.ts";
import { hasReadAnything, isCopied } from "./sight.ts";

/**
 * How long the first byte may still take, in milliseconds.
 *
 * @returns `read` once something was read, or all of it was copied before; `over` when its time is over
 */
export function restOfFirstRead(
  { firstReadMs }: Timing,
  context: StepContext,
  reads: DiscReads | undefined,
): number | "read" | "over" {
  const sinceMs = Date.parse(known(context, "poweredOnAt"));
  if (hasReadAnything(reads, sinceMs) || isCopied(reads, sinceMs)) return "read";
  const restMs = sinceMs + firstReadMs - context.nowMs();
  return restMs < 0 ? "over" : restMs + 1;
}

/**
 * Where nothing was read in time, the slot, the way in or the boot may be one of those that never work: another is tried.
 *
 * @returns undefined where there is no other, and then the wait goes on
 */
export async function leaveUnread(
  { timing }: Pick<Parts, "timing">,
  context: StepContext,
  reads: DiscReads | undefined,
): Promise<StepResult | undefined> {
  const isAlive = context.view.callback !== null || maybe(context, "ejectedAt") !== undefined;
  if (isAlive || restOfFirstRead(timing, context, reads) !== "over") return undefined;
  const error = new StepError(notRead(context, false).message, notRead(context, false));
  try {
    return await nextRung(context, error, true);
  } catch (failure) {
    if (failure !== error) throw failure;
    return mountAgain(context, error.message);
  }
}

/** An insert that no slot has proven may never have happened: where nothing else is left it is done once more. */
function mountAgain(context: StepContext, why: string): StepResult | undefined {
  const insert = context.view.evidence.findLast(({ what }) => what === "inserted");
  if (insert?.strength !== "weak" || maybe(context, "mountedAgain") === true) return undefined;
  return {
    kind: "retreat",
    to: "publish-disc",
    why: `${why}, and nothing proves that the disc was mounted; next: the same again`,
    facts: {
      attempt: (maybe(context, "attempt") ?? 0) + 1,
      tried: [...(maybe(context, "tried") ?? []), rungOf(context)],
      mountedAgain: true,
    },
  };
}

/** What a deployment fails of when its disc was not booted. */
export function notRead(context: StepContext, hasBegun: boolean): NonNullable<Waiting["onTimeout"]> {
  const url = known(context, "provisionUrl");
  return hasBegun
    ? {
        code: "disc-not-read",
        message: "the disc was looked at, but nothing beyond its boot image was read",
        hint: "Look at the machine's console: Secure Boot or the boot mode may have refused the disc.",
      }
    : {
        code: "disc-not-read",
        message: `nothing was read from the disc at ${url} after power-on`,
        hint: `Check that the BMC reaches ${new URL(url).host}, and the machine's boot mode and boot order.`,
      };
}
