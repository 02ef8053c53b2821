import { holds, type Slot } from "../../redfish/index.ts";
import { bring } from "../act.ts";
import type { Parts } from "../parts.ts";
import type { StepContext, Waiting } from "../step.ts";
import { leadsToDisc, withBefore } from "./http-boot.ts";
import { known, maybe, slotInUse } from "./known.ts";
import { bringOut } from "./media.ts";
import { discUrl } from "./publish-disc.ts";
import { bringSecondOut, SECOND_DISC } from "./second-disc.ts";

type Needed = Pick<Parts, "timing" | "seals" | "store">;

/** Takes our discs out of their slots, unless those hold another's by now. @returns undefined when they are out */
export async function bringOurDiscOut(parts: Needed, context: StepContext): Promise<Waiting | undefined> {
  const second = await bringSecondOut(parts, context);
  if (second !== undefined) return second;
  const path = slotOfOurs(context);
  if (path === undefined || maybe(context, "ejectedAt") !== undefined) return undefined;
  const bmc = await context.bmc();
  const slot = await withBefore(parts, context, slotInUse(context, path));
  const now = await bmc.readSlot(slot);
  const isAnothers = now.isInserted && now.image !== undefined && !holds(now, discUrl(parts, context));
  if (isAnothers) context.warn(`slot ${path} holds other media by now, which are left alone`);
  const waiting = isAnothers
    ? undefined
    : await bringOut(parts, context, bmc, inTheSameWay(now, slot), !now.isInserted);
  if (waiting !== undefined) return waiting;
  await context.observe({ media: null });
  context.learn({ ejectedAt: new Date(context.nowMs()).toISOString() });
  return undefined;
}

/** The slot as it reads now, to be emptied in the way in which it was filled. */
function inTheSameWay(now: Slot, { way, busyMessages }: Slot): Slot {
  return {
    ...now,
    ...(way === undefined ? {} : { way }),
    ...(busyMessages === undefined ? {} : { busyMessages }),
  };
}

/** Ends an override that still points to the disc. @returns undefined when the next boot goes elsewhere */
export async function bringBootToDisk(
  { timing }: Pick<Parts, "timing">,
  context: StepContext,
): Promise<Waiting | undefined> {
  const description = known(context, "bmc");
  const bmc = await context.bmc();
  return bring(context, timing, {
    action: { kind: "boot-to-disk", target: description.system.path, limitMs: timing.requestLimitMs },
    what: "the boot override to be over",
    isSo: async () => !leadsToDisc(context, await bmc.readOverride(description)),
    act: (asked) => bmc.bootFromDisk(description, asked),
    settleMs: timing.overrideSettleMs,
    tries: 2,
    ifNotSeen: {
      code: "action-not-seen",
      message: `${description.system.path} still boots from the virtual disc by its override`,
      hint: "Set the boot override to Disabled by hand.",
    },
  });
}

/** The slot into which we may have put a disc: also while the insert was announced and not yet seen, which a retreat forgets. */
function slotOfOurs(context: StepContext): string | undefined {
  const announced = context.view.intents.findLast(
    ({ kind, discId, outcome }) =>
      kind === "insert-media" && discId?.startsWith(SECOND_DISC) !== true && outcome !== "refused",
  );
  return announced?.target ?? maybe(context, "slotPath");
}
