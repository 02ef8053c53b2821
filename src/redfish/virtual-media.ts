import type { Answer, Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
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

function sendInsert(sender: Sender, slot: Slot, url: string): Promise<Answer> {
  if (slot.insertTarget !== undefined) return postInsert(sender, slot.insertTarget, url, slot);
  if (slot.controlTarget !== undefined)
    return sender.send("POST", slot.controlTarget, { json: { VmmControlType: "Connect", Image: url } });
  const whole = { Image: url, Inserted: true, WriteProtected: true };
  return patchResource(sender, slot.path, whole, slot.etag);
}

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
async function isEmpty(sender: Sender, { path, under }: Slot): Promise<boolean> {
  try {
    return !(await readSlot(sender, path, under)).isInserted;
  } catch (error) {
    if (error instanceof RedfishError) return false;
    throw error;
  }
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
function missingParameters(url: string): Record<string, string> {
  const protocol = new URL(url).protocol.slice(0, -1).toUpperCase();
  return { TransferProtocolType: protocol, TransferMethod: "Stream", UserName: "none", Password: "none" };
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
  let json: Record<string, string> = { Image: url, ...Object.fromEntries(known) };
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
  addable: Record<string, string>,
  sent: object,
): [string, string][] {
  if (status !== 400) return [];
  const said = messages.flatMap(({ text, args, related }) => [text, ...args, ...related]).join(" ");
  return Object.entries(addable).filter(
    ([name]) => !(name in sent) && new RegExp(`\\b${name}\\b`).test(said),
  );
}

async function sendEject(sender: Sender, slot: Slot): Promise<Answer> {
  if (slot.controlTarget !== undefined)
    return sender.send("POST", slot.controlTarget, { json: { VmmControlType: "Disconnect" } });
  if (slot.ejectTarget === undefined)
    return patchResource(sender, slot.path, { Image: null, Inserted: false }, slot.etag);
  try {
    // The standard takes an empty object and no body alike; HPE, Dell and Supermicro want the object (field notes, 2.1 row 18).
    return await sender.send("POST", slot.ejectTarget, { json: {} });
  } catch (error) {
    if (!(error instanceof RedfishError) || (error.status !== 400 && error.status !== 415)) throw error;
    return sender.send("POST", slot.ejectTarget);
  }
}
