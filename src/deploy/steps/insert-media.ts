import {
  type Bmc,
  type BmcDescription,
  holds,
  isMessage,
  RedfishError,
  type Slot,
} from "../../redfish/index.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext, type StepResult, type Waiting } from "../step.ts";
import { deploymentOf, discSlots, known, maybe } from "./known.ts";
import { bringIn, bringOut } from "./media.ts";
import { discUrl } from "./publish-disc.ts";

type Needed = Pick<Parts, "timing" | "seals" | "exposures" | "images" | "readCounts">;

/**
 * Ejects what lies in the slots, inserts our disc and reads the slot back. Where one slot fails, the next is tried with a
 * disc of its own, the system's first and then the manager's: BMCs list slots that never work beside those that do.
 */
export function insertMedia(parts: Needed): Step {
  return {
    name: "insert-media",
    async run(context) {
      const bmc = await context.bmc();
      const url = discUrl(parts, context);
      const waiting = await bringStaleOut(parts, context, bmc, url);
      if (waiting !== undefined) return waiting;
      const slot = discSlots(known(context, "bmc"))[maybe(context, "rung") ?? 0]!;
      return insertInto(parts, context, bmc, slot, url);
    },
  };
}

/** Empties the slots that held something when the BMC was opened, and those of earlier rungs. */
async function bringStaleOut(
  parts: Needed,
  context: StepContext,
  bmc: Bmc,
  url: string,
): Promise<Waiting | undefined> {
  const tried = maybe(context, "tried") ?? [];
  const isStale = (slot: Slot) => (slot.isInserted && slot.image !== url) || tried.includes(slot.path);
  for (const stale of discSlots(known(context, "bmc")).filter(isStale)) {
    const now = await bmc.readSlot(stale);
    if (holds(now, url)) continue;
    const waiting = await bringOut(parts, context, bmc, stale, !now.isInserted);
    if (waiting !== undefined) return waiting;
  }
  await forgetEarlierDisc(parts, context);
  return undefined;
}

/** The disc that an earlier deployment left in its slot is no longer served. */
async function forgetEarlierDisc({ exposures, images }: Needed, context: StepContext): Promise<void> {
  const media = (await context.node()).observed.media;
  if (media === null || media.deploymentId === context.view.id) return;
  await exposures.expire(media.deploymentId, "disc", null);
  await images.release(media.deploymentId);
  await context.observe({ media: null });
}

async function insertInto(
  parts: Needed,
  context: StepContext,
  bmc: Bmc,
  slot: Slot,
  url: string,
): Promise<StepResult> {
  const { id } = known(context, "disc");
  try {
    const now = await bmc.readSlot(slot);
    const isInNow = holds(now, url);
    // Somebody else's disc may have come since the BMC was opened.
    const ejecting =
      now.isInserted && !isInNow ? await bringOut(parts, context, bmc, slot, false) : undefined;
    const waiting =
      ejecting ?? (await bringIn(parts, context, bmc, { ...slot, etag: now.etag }, { id, url, isInNow }));
    if (waiting !== undefined) return waiting;
  } catch (error) {
    return await nextRung(context, slot.path, told(context, slot.path, url, error));
  }
  context.evidence("inserted", `slot ${slot.path} reads back as ours`, "strong");
  const { eject } = deploymentOf(context);
  await context.observe({
    media: { deploymentId: context.view.id, slot: slot.path, eject, until: null, owed: null },
  });
  return done({ slotPath: slot.path });
}

/** A BMC that could not fetch the disc: our listener may just be starting again, and a person has to look at the network. */
function told(context: StepContext, path: string, url: string, error: unknown): unknown {
  const says = error instanceof RedfishError ? error.messages : [];
  if (!says.some((message) => isMessage(message, "CouldNotEstablishConnection"))) return error;
  const { host } = new URL(url);
  return new StepError(`the BMC could not fetch the disc from ${host}`, {
    code: "disc-not-reached",
    retryable: insertsInto(context, path) < FAILED_INSERTS,
    hint: `Check that the BMC reaches ${host}; TRAYLOAD_PROVISION_URL or the node's provisionUrl names another address.`,
    cause: error,
  });
}

/** Another slot with another disc, for failures that trying the same again cannot cure. @throws the error else */
export async function nextRung(context: StepContext, path: string, error: unknown): Promise<StepResult> {
  if (!isForGood(context, path, error)) throw error;
  const rung = (maybe(context, "rung") ?? 0) + 1;
  const bmc = await withSlotsFor(context, rung);
  if (rung >= discSlots(bmc).length) throw error;
  const attempt = (maybe(context, "attempt") ?? 0) + 1;
  const tried = [...(maybe(context, "tried") ?? []), path];
  return { kind: "retreat", to: "publish-disc", why: error.message, facts: { rung, attempt, tried } };
}

/** After so many inserts that a slot answered with a failure of the BMC's own, another slot is the better bet. */
const FAILED_INSERTS = 3;

function isForGood(context: StepContext, path: string, error: unknown): error is Error {
  if (error instanceof StepError) return !error.retryable;
  if (!(error instanceof RedfishError)) return false;
  if (["bmc-rejected", "bmc-unsupported", "bmc-not-found"].includes(error.code)) return true;
  return error.code === "bmc-failed" && insertsInto(context, path) >= FAILED_INSERTS;
}

function insertsInto(context: StepContext, path: string): number {
  const isOne = ({ kind, target }: { kind: string; target: string }) =>
    kind === "insert-media" && target === path;
  return context.view.intents.filter(isOne).length;
}

/** The manager's slots are looked for once, when the system's own are at an end. */
async function withSlotsFor(context: StepContext, rung: number): Promise<BmcDescription> {
  const found = known(context, "bmc");
  if (rung < discSlots(found).length || maybe(context, "seesEverySlot")) return found;
  const { slots } = await (await context.bmc()).describe({ everySlot: true });
  const more = slots.filter(({ path }) => !found.slots.some((slot) => slot.path === path));
  const bmc = { ...found, slots: [...found.slots, ...more] };
  context.learn({ bmc, seesEverySlot: true });
  return bmc;
}
