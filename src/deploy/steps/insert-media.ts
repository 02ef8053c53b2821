import {
  type Bmc,
  holds,
  isMessage,
  isRefusedForGood,
  RedfishError,
  type Rung,
  type Slot,
} from "../../redfish/index.ts";
import { StepError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import type { Intent } from "../record.ts";
import { done, type Step, type StepContext, type StepResult, type Waiting } from "../step.ts";
import { keepBefore, warnOfHttpBoot, withBefore } from "./http-boot.ts";
import {
  deploymentOf,
  slotsToEmpty,
  isSameRung,
  known,
  maybe,
  placesFor,
  rungOf,
  rungsOf,
  slotAt,
  withoutUrls,
} from "./known.ts";
import { bringIn, bringOut, type InsertedDisc, isIn } from "./media.ts";
import { discUrl } from "./publish-disc.ts";
import { hasReadAnything } from "./sight.ts";

type Needed = Pick<Parts, "timing" | "seals" | "exposures" | "images" | "readCounts" | "store">;

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
      const { path, media } = rungOf(context);
      const slot = { ...(await withBefore(parts, context, slotAt(known(context, "bmc"), path))), way: media };
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
  const isTried = ({ path }: Slot) => tried.some((one) => one.path === path);
  const { media } = (await context.node()).observed;
  const description = known(context, "bmc");
  const left = [...slotsToEmpty(description, media), ...placesFor(description).filter(isTried)];
  for (const one of new Map(left.map((slot) => [slot.path, slot])).values()) {
    const stale = await withBefore(parts, context, one);
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
  let isProven = true;
  try {
    const found = await bmc.readSlot(slot);
    isProven = found.isOnlyWritten !== true;
    const isInNow = await isIn(parts, context, found, { id, url });
    const now = keepBefore(parts, context, found, isInNow);
    if (now.bootUri !== undefined) warnOfHttpBoot(context);
    // Somebody else's disc may have come since the BMC was opened.
    const ejecting =
      now.isInserted && !holds(now, url) ? await bringOut(parts, context, bmc, slot, false) : undefined;
    const waiting =
      ejecting ?? (await bringIn(parts, context, bmc, withState(slot, now), { id, url, isInNow }));
    if (waiting !== undefined) return waiting;
  } catch (error) {
    return await nextRung(context, told(parts, context, slot.path, { id, url }, error));
  }
  const what = slot.bootUri === undefined ? "slot" : "HttpBootUri of";
  if (isProven) context.evidence("inserted", `${what} ${slot.path} reads back as ours`, "strong");
  else
    context.evidence("inserted", `slot ${slot.path} took the mount, and shows only what was written`, "weak");
  const { eject } = deploymentOf(context);
  await context.observe({
    media: { deploymentId: context.view.id, slot: slot.path, eject, until: null, owed: null },
  });
  return (await waitForReader(parts, context, slot)) ?? done({ slotPath: slot.path, rung: rungOf(context) });
}

/** To be filled in the way that was chosen, over what was just read of it. */
function withState(slot: Slot, { etag, bootUri }: Slot): Slot {
  return { ...slot, etag, ...(bootUri === undefined ? {} : { bootUri }) };
}

/**
 * BMCs of some families read the disc as soon as it is in: one that does not will not boot it either, so the machine need
 * not be switched on to learn that. Where no other rung is left, the boot has to tell.
 */
async function waitForReader(
  { readCounts }: Needed,
  context: StepContext,
  slot: Slot,
): Promise<StepResult | undefined> {
  const { readsWithinMs } = known(context, "bmc").ways;
  const reads = await readCounts.load(known(context, "disc").id);
  if (hasReadAnything(reads, 0)) {
    context.evidence("read-at-insert", `read by ${reads!.readers.join(", ")} after the insert`, "strong");
    return undefined;
  }
  if (readsWithinMs === undefined) return undefined;
  const insert = context.view.intents.findLast(({ kind }) => kind === "insert-media");
  const leftMs = Date.parse(insert?.answeredAt ?? insert?.at ?? "") + readsWithinMs - context.nowMs();
  if (leftMs > 0)
    return { kind: "waiting", what: "the BMC to read the disc", lookAgainMs: Math.min(leftMs, 1_000) };
  const error = new StepError(`nothing was read from the disc in ${slot.path} within ${readsWithinMs} ms`, {
    code: "disc-not-reached",
    hint: "Check that the BMC reaches the address of the disc.",
  });
  try {
    return await nextRung(context, error);
  } catch (failure) {
    if (failure !== error) throw failure;
    context.warn(error.message);
    return undefined;
  }
}

/** A BMC that could not fetch the disc: our listener may just be starting again, and a person has to look at the network. */
function told(
  { timing }: Needed,
  context: StepContext,
  path: string,
  { id, url }: InsertedDisc,
  error: unknown,
): unknown {
  const says = error instanceof RedfishError ? error.messages : [];
  if (!says.some((message) => isMessage(message, "CouldNotEstablishConnection"))) return error;
  const { host } = new URL(url);
  const inserts = insertsInto(context, path);
  const first = inserts.find(({ discId }) => discId === id);
  const mayBeStarting = first === undefined || context.nowMs() - Date.parse(first.at) < timing.discAwayMs;
  return new StepError(`the BMC could not fetch the disc from ${host}`, {
    code: "disc-not-reached",
    retryable: inserts.length < FAILED_INSERTS || mayBeStarting,
    hint: `Check that the BMC reaches ${host}; TRAYLOAD_PROVISION_URL or the node's provisionUrl names another address.`,
    cause: error,
  });
}

/**
 * Goes on to another slot or way with another disc, for failures that trying the same again cannot cure.
 *
 * @param isIn whether the disc was in, so that another boot of it is worth a try
 * @throws the error where no rung is left
 */
export async function nextRung(context: StepContext, error: unknown, isIn = false): Promise<StepResult> {
  const rung = rungOf(context);
  if (!isForGood(context, rung.path, error)) throw error;
  const attempt = (maybe(context, "attempt") ?? 0) + 1;
  const leave = (next: Rung, tried: Rung[]): StepResult => ({
    kind: "retreat",
    to: "publish-disc",
    why: `${error.message}; next: ${inWords(next)}`,
    facts: { rung: next, attempt, tried },
  });
  // A slot that took no disc in one way takes none in that way however it would be booted.
  const left = isIn
    ? [rung]
    : rungsOf(context).filter(({ path, media }) => path === rung.path && media === rung.media);
  const tried = [...(maybe(context, "tried") ?? []), ...left];
  if (!isIn && (await hasSwitchedMediaOn(context))) return leave(rung, maybe(context, "tried") ?? []);
  const next = await findRung(context, (one) => !tried.some((other) => isSameRung(one, other)));
  if (next === undefined) throw error;
  return leave(next, tried);
}

const inWords = ({ path, media, boot }: Rung): string =>
  media === "http-boot"
    ? `UEFI HTTP boot by ${path}`
    : `slot ${path} by ${media}${boot === "override" ? "" : `, booted by ${boot}`}`;

/** Before anything but the standard's action is tried, the manager's slots are looked for, once. */
async function findRung(context: StepContext, isOpen: (rung: Rung) => boolean): Promise<Rung | undefined> {
  const next = rungsOf(context).find(isOpen);
  if (next?.media === "action" || maybe(context, "seesEverySlot")) return next;
  const found = known(context, "bmc");
  const { slots } = await (await context.bmc()).describe({ everySlot: true });
  const more = slots.filter(({ path }) => !found.slots.some((slot) => slot.path === path));
  const isImplied = (path: string) => slots.some((slot) => slot.path === path && slot.isImplied === true);
  const before = found.slots.map((slot) => (isImplied(slot.path) ? { ...slot, isImplied: true } : slot));
  context.learn({ bmc: withoutUrls({ ...found, slots: [...before, ...more] }), seesEverySlot: true });
  return rungsOf(context).find(isOpen);
}

/** Where remote media can be switched on, they may be off, whatever is listed (AMI MegaRAC; field notes, 10). */
async function hasSwitchedMediaOn(context: StepContext): Promise<boolean> {
  const description = known(context, "bmc");
  if (description.mediaSwitch === undefined || maybe(context, "mediaSwitchedOn") === true) return false;
  context.learn({ mediaSwitchedOn: true });
  try {
    await (await context.bmc()).switchMediaOn(description);
  } catch (error) {
    if (!(error instanceof RedfishError)) throw error;
    context.warn(`remote media could not be switched on: ${error.message}`);
    return false;
  }
  context.warn("the BMC refused the disc, so remote media was switched on; it stays on");
  return true;
}

/** After so many inserts that a slot answered with a failure of the BMC's own, another slot is the better bet. */
const FAILED_INSERTS = 3;

function isForGood(context: StepContext, path: string, error: unknown): error is Error {
  if (error instanceof StepError) return !error.retryable;
  if (isRefusedForGood(error)) return true;
  const isFailure = error instanceof RedfishError && error.code === "bmc-failed";
  return isFailure && insertsInto(context, path).length >= FAILED_INSERTS;
}

function insertsInto(context: StepContext, path: string): Intent[] {
  return context.view.intents.filter(({ kind, target }) => kind === "insert-media" && target === path);
}
