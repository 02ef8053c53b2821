import type { Bmc, BmcDescription, Slot, SystemState } from "../redfish/index.ts";

/** For how long what was read still counts as seen, in milliseconds. A look goes from step to step in less, also in a rush. */
export const FRESH_MS = 5_000;

/**
 * A BMC within one look: what one step has just read, the next need not ask for again. Whatever is asked of the BMC ends
 * what was known of the part that it changes, so that proof is always read anew.
 */
export function keepFresh(bmc: Bmc, nowMs: () => number): Bmc {
  const slots = new Map<string, { slot: Slot; atMs: number }>();
  let state: { state: SystemState; atMs: number } | undefined;
  const isFresh = (seen: { atMs: number } | undefined) =>
    seen !== undefined && nowMs() - seen.atMs < FRESH_MS;

  const sawSlot = (slot: Slot): Slot => {
    slots.set(slot.path, { slot, atMs: nowMs() });
    return slot;
  };
  const sawState = (seen: SystemState): SystemState => {
    state = { state: seen, atMs: nowMs() };
    return seen;
  };
  const saw = (description: BmcDescription): BmcDescription => {
    sawState(description.state);
    for (const slot of description.slots) sawSlot(slot);
    return description;
  };
  /** Forgets before and after, since the answer may be long in coming. */
  const changing = async (forget: () => void, act: Promise<void>): Promise<void> => {
    forget();
    await act.finally(forget);
  };
  const forgetSlots = () => slots.clear();
  const forgetState = () => (state = undefined);
  /** Media may leave a slot with the power (some BMCs drop them), but none come. */
  const forgetPowered = () => {
    for (const [path, { slot }] of slots) if (slot.isInserted) slots.delete(path);
    forgetState();
  };

  return {
    ...bmc,
    describe: async (options) => saw(await bmc.describe(options)),
    async recheck(description) {
      const same = await bmc.recheck(description);
      return same === undefined ? undefined : saw(same);
    },
    readState: async (description) =>
      isFresh(state) ? state!.state : sawState(await bmc.readState(description)),
    readSlot: async (slot) =>
      isFresh(slots.get(slot.path)) ? slots.get(slot.path)!.slot : sawSlot(await bmc.readSlot(slot)),
    setPower: (...asked) => changing(forgetPowered, bmc.setPower(...asked)),
    insertMedia: (...asked) => changing(forgetSlots, bmc.insertMedia(...asked)),
    ejectMedia: (...asked) => changing(forgetSlots, bmc.ejectMedia(...asked)),
    bootFromDisc: (...asked) => changing(forgetState, bmc.bootFromDisc(...asked)),
    bootFromDisk: (...asked) => changing(forgetState, bmc.bootFromDisk(...asked)),
  };
}
