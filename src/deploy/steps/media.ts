import { type Bmc, holds, type Slot } from "../../redfish/index.ts";
import { bring } from "../act.ts";
import type { Parts } from "../parts.ts";
import type { StepContext, Waiting } from "../step.ts";
import { hasReadAnything, lastReadMs } from "./sight.ts";

type Timed = Pick<Parts, "timing">;

/** Empties a slot and sees that it is empty. @returns undefined when it is so */
export function bringOut(
  { timing }: Timed,
  context: StepContext,
  bmc: Bmc,
  slot: Slot,
  isOutNow?: boolean,
): Promise<Waiting | undefined> {
  return bring(context, timing, {
    ...(isOutNow === undefined ? {} : { isSoNow: isOutNow }),
    action: { kind: "eject-media", target: slot.path, limitMs: timing.requestLimitMs },
    what: `slot ${slot.id} to be empty`,
    isSo: async () => !(await bmc.readSlot(slot)).isInserted,
    act: (asked) => bmc.ejectMedia(slot, asked),
    settleMs: timing.mediaSettleMs,
    tries: 2,
    ifNotSeen: {
      code: "action-not-seen",
      message: `slot ${slot.path} was asked to eject and still holds media`,
      hint: "Another session, such as a remote console, may hold the slot; close it and try again.",
    },
  });
}

const NOT_HELD = (path: string) => ({
  message: `the BMC took the insert into ${path} and the slot does not hold it`,
  hint: "Try the BMC's own web page; its virtual media may need a licence or be switched off.",
});

const URI_NOT_KEPT = (path: string) => ({
  message: `the BMC took HttpBootUri of ${path} and does not show it`,
  hint: "Its firmware may take the address for HTTP boot among its own settings alone.",
});

/** A disc as a slot is given it. */
export interface InsertedDisc {
  id: string;
  url: string;
}

/**
 * Whether a slot holds a disc. One that shows only what was written into it proves nothing by that: the BMC must have
 * answered to the mount, or have read from the disc.
 *
 * @param slot as it reads now
 */
export async function isIn(
  { readCounts }: Pick<Parts, "readCounts">,
  context: StepContext,
  slot: Slot,
  { id, url }: InsertedDisc,
): Promise<boolean> {
  if (!holds(slot, url)) return false;
  if (slot.isOnlyWritten !== true) return true;
  const isAnswered = context.view.intents.some(
    ({ discId, outcome }) => discId === id && outcome === "answered",
  );
  return isAnswered || hasReadAnything(await readCounts.load(id), 0);
}

/**
 * Puts a disc into a slot and sees that the slot holds it. Some BMCs copy the whole disc before they show it, and go on
 * with that when whoever asked for it is gone: as long as the disc is read, nothing is asked again.
 *
 * @returns undefined when it is so
 */
export function bringIn(
  { timing, readCounts }: Timed & Pick<Parts, "readCounts">,
  context: StepContext,
  bmc: Bmc,
  slot: Slot,
  disc: InsertedDisc & { isInNow: boolean | undefined },
): Promise<Waiting | undefined> {
  return bring(context, timing, {
    action: { kind: "insert-media", target: slot.path, discId: disc.id, limitMs: timing.insertLimitMs },
    what: `slot ${slot.id} to hold the disc`,
    ...(disc.isInNow === undefined ? {} : { isSoNow: disc.isInNow }),
    isSo: async () => isIn({ readCounts }, context, await bmc.readSlot(slot), disc),
    act: (asked) => bmc.insertMedia(slot, disc.url, asked),
    settleMs: timing.mediaSettleMs,
    atWorkMs: async () => lastReadMs(await readCounts.load(disc.id)),
    // A BMC that has just answered and done nothing does it when it is asked again, more often than not.
    tries: 2,
    ifNotSeen: {
      code: "media-not-inserted",
      ...(slot.bootUri === undefined ? NOT_HELD : URI_NOT_KEPT)(slot.path),
    },
  });
}
