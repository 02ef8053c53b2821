import type { DiscReads } from "../../images/index.ts";
import { intentsOf } from "../act.ts";
import type { Parts } from "../parts.ts";
import type { EjectPolicy } from "../request.ts";
import type { StepContext, Waiting } from "../step.ts";
import { bringBootToDisk, bringOurDiscOut } from "./eject.ts";
import { known, maybe } from "./known.ts";
import { bringPower } from "./power.ts";
import { isBackAtDisc, isSilentAfterBoot } from "./sight.ts";

type Needed = Pick<Parts, "timing" | "seals" | "store">;

/** Whether the policy says that the disc must leave now, as far as reads and call-backs tell. */
export function isEjectDue(
  { timing }: Needed,
  context: StepContext,
  policy: EjectPolicy,
  reads: DiscReads | undefined,
): boolean {
  const sinceMs = Date.parse(known(context, "poweredOnAt"));
  if (policy === "when-booted")
    return isSilentAfterBoot(reads, sinceMs, context.nowMs(), timing.bootedSilenceMs);
  if (policy !== "on-reboot") return false;
  const wentOff = maybe(context, "wentOffAt");
  const wentOffMs = wentOff === undefined ? undefined : Date.parse(wentOff);
  return isBackAtDisc(reads, sinceMs, { silenceMs: timing.leftSilenceMs, wentOffMs });
}

/**
 * Ejects as the policy says. A machine that came back to the disc is booting it at this moment, and some BMCs change
 * nothing under a running machine (sushy-tools): so it is switched off and on again, now from its disk.
 *
 * @returns undefined when nothing of this is left to do
 */
export async function ejectAsDue(
  parts: Needed,
  context: StepContext,
  policy: EjectPolicy,
): Promise<Waiting | undefined> {
  const waiting = (await bringOurDiscOut(parts, context)) ?? (await bringBootToDisk(parts, context));
  if (waiting !== undefined || policy !== "on-reboot") return waiting;
  return powerCycle(parts, context);
}

/** Off, seen, and on again, seen. */
export async function powerCycle(parts: Needed, context: StepContext): Promise<Waiting | undefined> {
  const description = known(context, "bmc");
  const target = description.system.path;
  const hasBegunOn = intentsOf(context, { kind: "power-on", target }).length > 0;
  const off = hasBegunOn ? undefined : await bringPower(parts, context, description, "off");
  return off ?? bringPower(parts, context, description, "on");
}
