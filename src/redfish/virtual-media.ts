import type { Answer, Sender } from "./client.ts";
import { isRefusedForGood, RedfishError } from "./errors.ts";
import { readHttpSlot, restoreHttpUri, setHttpUri } from "./http-boot.ts";
import { impliedTarget, type MediaWay, waysInto } from "./media-actions.ts";
import { patchResource } from "./patch.ts";
import { readSlot, type Slot } from "./slots.ts";
import { followTask, type TaskTiming } from "./task.ts";

/**
 * Asks the BMC to put the image at `url` into the slot, and follows its task if it makes one. A success here is the
 * BMC's promise only: read the slot back and compare with `holds`.
 *
 * The smallest payload is sent: Supermicro X11 and X12 refuse `Inserted` and `WriteProtected` in the action, while a
 * Lenovo without the action wants all three in the PATCH (field notes, 2.1 rows 26 and 31).
 */
export async function insertMedia(
  sender: Sender,
  slot: Slot,
  url: string,
  timing: TaskTiming,
): Promise<void> {
  await followTask(sender, await sendInsert(sender, slot, url), timing);
}

async function sendInsert(sender: Sender, slot: Slot, url: string): Promise<Answer> {
  switch (slot.way ?? waysInto(slot)[0]) {
    case "action":
      return postInsert(sender, slot.insertTarget!, url, slot);
    case "oem-action":
      return postInsert(sender, slot.oemInsertTarget!, url, slot);
    case "control":
      return sender.send("POST", slot.controlTarget!, { json: { VmmControlType: "Connect", Image: url } });
    case "mount":
      return mount(sender, slot, url);
    case "implied-action":
      return postInsert(sender, impliedTarget(slot.path, "InsertMedia"), url, slot);
    case "http-boot":
      return setHttpUri(sender, slot, url);
    default:
      return patchIn(sender, slot, url);
  }
}

/** Lenovo wants all three (field notes, 2.1 row 31); where one is refused, fewer are sent, as nothing was done then. */
async function patchIn(sender: Sender, { path, etag }: Slot, url: string): Promise<Answer> {
  const whole = { Image: url, Inserted: true, WriteProtected: true };
  let first: unknown;
  for (const json of [whole, { Image: url, Inserted: true }, { Image: url }])
    try {
      return await patchResource(sender, path, json, etag);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      first ??= error;
    }
  throw first;
}

/**
 * Supermicro's way: where the image lies is configured first, then mounted (field notes, 2.2). A mount whose answer was lost
 * may stand in the way of its repeat, and a configuration that was promised may not be there: so what is refused is tried
 * once more from the beginning.
 */
async function mount(sender: Sender, slot: Slot, url: string): Promise<Answer> {
  const { origin, pathname } = new URL(url);
  const attempt = async () => {
    await patchResource(sender, slot.path, { Host: origin, Path: pathname });
    return sender.send("POST", slot.mountTarget!, { json: {} });
  };
  try {
    return await attempt();
  } catch (error) {
    if (!isRefusal(error) || slot.unmountTarget === undefined) throw error;
    await postUnmount(sender, slot);
    return attempt();
  }
}

const isRefusal = (error: unknown): boolean => error instanceof RedfishError && error.status === 400;

/**
 * Asks the BMC to empty the slot. Read it back: some answer and do nothing.
 *
 * @throws RedfishError when the BMC refused and media are still in it; a refusal to eject from an empty slot is no error
 */
export async function ejectMedia(sender: Sender, slot: Slot, timing: TaskTiming): Promise<void> {
  try {
    await followTask(sender, await sendEject(sender, slot), timing);
  } catch (error) {
    const wasRefused =
      error instanceof RedfishError && (error.status !== undefined || error.code === "bmc-rejected");
    if (!wasRefused || !(await isEmpty(sender, slot))) throw error;
  }
}

/** A slot that cannot be read does not excuse the refusal. */
async function isEmpty(sender: Sender, slot: Slot): Promise<boolean> {
  try {
    return !(await readAgain(sender, slot)).isInserted;
  } catch (error) {
    if (error instanceof RedfishError) return false;
    throw error;
  }
}

/** Reads a slot again, past any cache of ours: the proof of an insert or an eject. */
export function readAgain(sender: Sender, slot: Slot): Promise<Slot> {
  return slot.bootUri === undefined ? readSlot(sender, slot) : readHttpSlot(sender, slot);
}

/**
 * Whether the slot holds this image. BMCs keep old media in place after a failed insert, so both are compared; of the URL
 * only the path, which no other disc has, since some give the rest back otherwise (Huawei without a port that is not the
 * scheme's own; field notes, 10).
 */
export function holds(slot: Slot, url: string): boolean {
  return slot.isInserted && slot.image !== undefined && pathnameOf(slot.image) === pathnameOf(url);
}

function pathnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}

/** Parameters that some BMCs miss (field notes, 2.1 rows 37, 40 and 42), by the name under which they ask for them. */
function missingParameters(url: string): Record<string, unknown> {
  const protocol = new URL(url).protocol.slice(0, -1).toUpperCase();
  const access = {
    TransferProtocolType: protocol,
    TransferMethod: "Stream",
    UserName: "none",
    Password: "none",
  };
  return { ...access, Inserted: true, WriteProtected: true };
}

/** Posts the insert, again with what the BMC says is missing: its 400 means that nothing was done. */
async function postInsert(
  sender: Sender,
  target: string,
  url: string,
  { insertsWith = [], insertRefusals = [] }: Slot,
): Promise<Answer> {
  const addable = missingParameters(url);
  const known = Object.entries(addable).filter(([name]) => insertsWith.some((one) => one === name));
  let json: Record<string, unknown> = { Image: url, ...Object.fromEntries(known) };
  for (;;) {
    try {
      return await sender.send("POST", target, { json });
    } catch (error) {
      if (!(error instanceof RedfishError)) throw error;
      const added = askedFor(error, addable, json);
      if (added.length === 0) throw insertRefusals.includes(error.status ?? 0) ? error.beforeActing() : error;
      json = { ...json, ...Object.fromEntries(added) };
    }
  }
}

/** What of the addable the BMC names in any of its messages and was not sent yet. */
function askedFor(
  { status, messages }: RedfishError,
  addable: Record<string, unknown>,
  sent: object,
): [string, unknown][] {
  if (status !== 400 && status !== 422) return [];
  const said = messages.flatMap(({ text, args, related }) => [text, ...args, ...related]).join(" ");
  const isMissing = messages.some(({ id, text }) => /missing|mandatory|required/i.test(`${id} ${text}`));
  return Object.entries(addable).filter(([name, value]) => {
    // "Inserted" is also a word of other complaints.
    const mayBeMeant = typeof value === "string" || isMissing;
    return mayBeMeant && !(name in sent) && new RegExp(`\\b${name}\\b`).test(said);
  });
}

/** By the way that the media came in; where that is not known, by the first that the BMC does not refuse. */
async function sendEject(sender: Sender, slot: Slot): Promise<Answer> {
  const known = slot.way === undefined ? waysInto(slot) : [slot.way];
  const isAtLast = known.length === 0 || (slot.isEjectGuessed === true && known.includes("action"));
  let first: RedfishError | undefined;
  for (const way of new Set<MediaWay>([...known, ...(isAtLast ? ["patch" as const] : [])])) {
    try {
      return await ejectBy(sender, slot, way);
    } catch (error) {
      if (!isRefusedForGood(error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

async function ejectBy(sender: Sender, slot: Slot, way: MediaWay): Promise<Answer> {
  const shown = way === "oem-action" ? slot.oemEjectTarget : slot.ejectTarget;
  const target = way === "implied-action" ? impliedTarget(slot.path, "EjectMedia") : shown;
  if (way === "control")
    return sender.send("POST", slot.controlTarget!, { json: { VmmControlType: "Disconnect" } });
  if (way === "mount") return unmount(sender, slot);
  if (way === "http-boot") return restoreHttpUri(sender, slot);
  if (way === "patch" || target === undefined)
    return patchResource(sender, slot.path, { Image: null, Inserted: false }, slot.etag);
  try {
    // The standard takes an empty object and no body alike; HPE, Dell and Supermicro want the object (field notes, 2.1 row 18).
    return await sender.send("POST", target, { json: {} });
  } catch (error) {
    if (!(error instanceof RedfishError) || (error.status !== 400 && error.status !== 415)) throw error;
    return sender.send("POST", target);
  }
}

/** What is configured stays unless it is taken out too, and reads as if it were in where no drive tells. */
async function unmount(sender: Sender, slot: Slot): Promise<Answer> {
  const answer = slot.unmountTarget === undefined ? undefined : await postUnmount(sender, slot);
  if (answer !== undefined && slot.mountsIn !== undefined) return answer;
  return patchResource(sender, slot.path, { Host: "", Path: "" });
}

/** What was configured and never mounted cannot be unmounted. @returns undefined where it was refused */
async function postUnmount(sender: Sender, { unmountTarget }: Slot): Promise<Answer | undefined> {
  try {
    return await sender.send("POST", unmountTarget!, { json: {} });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }
}
