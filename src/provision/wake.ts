import type { InboxItem } from "../deploy/index.ts";
import type { ProvisionParts } from "./parts.ts";

/**
 * Puts an item into a record's inbox, and hints that somebody should look. The item is durable when this returns; a hint
 * that cannot be given costs time only, since the record comes due by itself.
 *
 * @returns "ended" when the record is finished, undefined when there is none
 */
export async function wakeRecord(
  { store, hints, log }: Pick<ProvisionParts, "store" | "hints" | "log">,
  recordId: string,
  item: InboxItem,
): Promise<"woken" | "ended" | undefined> {
  const woken = await store.wake(recordId, item);
  if (typeof woken !== "object") return woken;
  try {
    await hints.add(woken.hints);
  } catch (error) {
    log.warn({ recordId, error }, "a hint could not be given; the record is looked at when it is due");
  }
  return "woken";
}
