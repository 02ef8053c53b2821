import type { Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import { UNCHANGEABLE, waysInto } from "./media-actions.ts";
import { readMetadata } from "./metadata.ts";
import { looksLikeDisc, type Slot } from "./slots.ts";

/**
 * Slots that show no action, though the service knows the schema's: it is tried where the standard has it (DSP0266,
 * "Actions": below the resource), for a firmware that leaves out what it can do.
 *
 * @param sender one that remembers reads: `$metadata` is asked for once, and only where it may help
 */
export async function withImpliedActions(sender: Sender, slots: readonly Slot[]): Promise<Slot[]> {
  if (!slots.some(isSilent) || !(await knowsMediaActions(sender))) return [...slots];
  return slots.map((slot) => (isSilent(slot) ? asImplied(slot) : slot));
}

/** A slot whose action the schema alone tells. */
export function asImplied({ unfit: _overruled, ...slot }: Slot): Slot {
  return { ...slot, takesDisc: looksLikeDisc(slot), isImplied: true };
}

/** A PATCH is the first thing to try where it is not known to be refused. */
const isSilent = (slot: Slot): boolean =>
  slot.unfit === UNCHANGEABLE || (slot.takesDisc && waysInto(slot).every((way) => way === "patch"));

/** What cannot be read, is no CSDL, or is too large, tells nothing: no deployment depends on it. */
async function knowsMediaActions(sender: Sender): Promise<boolean> {
  try {
    return (await readMetadata(sender)).capabilities.mediaActions;
  } catch (error) {
    if (error instanceof RedfishError) return false;
    throw error;
  }
}
