import { holds, type Slot } from "../../redfish/index.ts";
import { discPath } from "../exposure.ts";
import type { Parts } from "../parts.ts";
import { discSecret } from "../secret.ts";
import { done, type Step, type StepContext, type Waiting } from "../step.ts";
import { type KnownFacts, known, maybe, rungOf, slotAt } from "./known.ts";
import { bringIn, bringOut, isIn } from "./media.ts";
import { ownerOf } from "./publish-disc.ts";

type Needed = Pick<Parts, "timing" | "seals">;
type Inserting = Needed & Pick<Parts, "readCounts">;

/** Begins the id of every second disc, so that it is told from what is booted. */
export const SECOND_DISC = "disc2_";

/** The slot for a second disc, another than the one that is booted from: one for CDs before one for sticks and floppies. */
export function secondSlotOf(context: StepContext): { slot: Slot; format: "iso" | "fat" } | undefined {
  const { path } = rungOf(context);
  const others = known(context, "bmc").slots.filter((slot) => slot.path !== path);
  const disc = others.find(({ takesDisc }) => takesDisc);
  if (disc !== undefined) return { slot: disc, format: "iso" };
  const stick = others.find(({ types }) => types.some((type) => /usb|floppy/i.test(type)));
  return stick && { slot: stick, format: "fat" };
}

/** Puts the second disc, where there is one, into its slot and reads that back, as it is done with the first. */
export function insertSecondDisc(parts: Inserting): Step {
  return {
    name: "insert-second-disc",
    async run(context) {
      const second = maybe(context, "secondDisc");
      const waiting = await bringEarlierOut(parts, context, second?.path);
      if (waiting !== undefined) return waiting;
      if (!second) return { kind: "skipped", why: "all is on the disc that is booted" };
      return (await bringSecondIn(parts, context, second)) ?? done({ secondSlotPath: second.path });
    },
  };
}

/** What an earlier rung has put into another slot. */
async function bringEarlierOut(
  parts: Needed,
  context: StepContext,
  path: string | undefined,
): Promise<Waiting | undefined> {
  const earlier = maybe(context, "secondSlotPath");
  // The slot of the disc that is booted was emptied when that one went in.
  if (earlier === undefined || earlier === path || earlier === known(context, "slotPath")) return undefined;
  const slot = slotAt(known(context, "bmc"), earlier);
  const now = await (await context.bmc()).readSlot(slot);
  return bringOut(parts, context, await context.bmc(), slot, !now.isInserted);
}

async function bringSecondIn(
  parts: Inserting,
  context: StepContext,
  second: NonNullable<KnownFacts["secondDisc"]>,
): Promise<Waiting | undefined> {
  const bmc = await context.bmc();
  const slot = slotAt(known(context, "bmc"), second.path);
  const url = secondUrl(parts, context, second);
  const now = await bmc.readSlot(slot);
  const isInNow = await isIn(parts, context, now, { id: second.id, url });
  const waiting =
    (now.isInserted && !holds(now, url) ? await bringOut(parts, context, bmc, slot, false) : undefined) ??
    (await bringIn(parts, context, bmc, { ...slot, etag: now.etag }, { id: second.id, url, isInNow }));
  if (waiting !== undefined) return waiting;
  context.evidence("second-disc-inserted", `slot ${slot.path} reads back as ours`, "strong");
  const { media } = (await context.node()).observed;
  if (media !== null) await context.observe({ media: { ...media, secondSlot: slot.path } });
  return undefined;
}

/** Takes the second disc out of its slot, unless it holds another's by now. @returns undefined when it is out */
export async function bringSecondOut(parts: Needed, context: StepContext): Promise<Waiting | undefined> {
  const second = maybe(context, "secondDisc");
  const path = slotOfSecond(context);
  if (!second || path === undefined || maybe(context, "secondEjectedAt") !== undefined) return undefined;
  const bmc = await context.bmc();
  const slot = slotAt(known(context, "bmc"), path);
  const now = await bmc.readSlot(slot);
  const isAnothers =
    now.isInserted && now.image !== undefined && !holds(now, secondUrl(parts, context, second));
  if (isAnothers) context.warn(`slot ${path} holds other media by now, which are left alone`);
  const waiting = isAnothers ? undefined : await bringOut(parts, context, bmc, slot, !now.isInserted);
  if (waiting === undefined) context.learn({ secondEjectedAt: new Date(context.nowMs()).toISOString() });
  return waiting;
}

/** Also while the insert was announced and not yet seen; after a retreat the slot that was seen is that of an earlier rung. */
function slotOfSecond(context: StepContext): string | undefined {
  const announced = context.view.intents.findLast(
    ({ kind, discId, outcome }) =>
      kind === "insert-media" && discId?.startsWith(SECOND_DISC) === true && outcome !== "refused",
  );
  return announced?.target ?? maybe(context, "secondSlotPath");
}

function secondUrl(
  { seals }: Pick<Parts, "seals">,
  context: StepContext,
  { format }: NonNullable<KnownFacts["secondDisc"]>,
): string {
  const ending = format === "iso" ? "iso" : "img";
  return `${known(context, "provisionUrl")}${discPath(secondSecretOf(seals, context), ending)}`;
}

export function secondSecretOf(seals: Parts["seals"], context: StepContext): string {
  return discSecret(seals, `${ownerOf(context)}/second`, maybe(context, "attempt") ?? 0);
}
