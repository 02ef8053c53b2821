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
  const answer =
    slot.insertTarget === undefined
      ? await patchResource(
          sender,
          slot.path,
          { Image: url, Inserted: true, WriteProtected: true },
          slot.etag,
        )
      : await sender.send("POST", slot.insertTarget, { json: { Image: url } });
  await followTask(sender, answer, timing);
}

/**
 * Asks the BMC to empty the slot and reads it back.
 *
 * @returns the slot as it reads afterwards; a BMC that refuses to eject from an empty slot has done what was wanted
 * @throws RedfishError when the BMC refused and media are still in it
 */
export async function ejectMedia(sender: Sender, slot: Slot, timing: TaskTiming): Promise<Slot> {
  try {
    await followTask(sender, await sendEject(sender, slot), timing);
  } catch (error) {
    const after = await readSlot(sender, slot.path, slot.under);
    if (after.isInserted) throw error;
    return after;
  }
  return readSlot(sender, slot.path, slot.under);
}

/** Whether the slot holds this image. BMCs keep old media in place after a failed insert, so both are compared. */
export function holds(slot: Slot, url: string): boolean {
  return slot.isInserted && slot.image === url;
}

async function sendEject(sender: Sender, slot: Slot): Promise<Answer> {
  if (slot.ejectTarget === undefined)
    return patchResource(sender, slot.path, { Image: null, Inserted: false }, slot.etag);
  try {
    return await sender.send("POST", slot.ejectTarget);
  } catch (error) {
    // HPE iLO wants an empty object where the standard wants no body (field notes, 2.1 row 18).
    if (!(error instanceof RedfishError) || (error.status !== 400 && error.status !== 415)) throw error;
    return sender.send("POST", slot.ejectTarget, { json: {} });
  }
}
