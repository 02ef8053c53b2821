import {
  type Bmc,
  type BmcDescription,
  type BootOverride,
  RedfishError,
  type Slot,
  type SystemState,
} from "../redfish/index.ts";

/** For how long what was read still counts as seen, in milliseconds. A look goes from step to step in less, also in a rush. */
export const FRESH_MS = 5_000;

/** A BMC within one look, and what was seen of it. */
export interface FreshBmc extends Bmc {
  /** BootProgress as it was read last; undefined before that, and where there is none. */
  readonly bootProgress: string | undefined;
  /** Says which step asks from now on. */
  askedBy(step: string): void;
  /**
   * Forgets what this step has asked for: a step that waits for its BMC is to see it with its own eyes the next time. What
   * only others have asked for stays.
   */
  lookAnew(step: string): void;
}

type What = SystemState | BootOverride | Slot;

/** What was seen, under "state", "override" or the path of a slot. */
function createSight(nowMs: () => number) {
  const seen = new Map<string, { what: What; atMs: number }>();
  const asked = new Set<string>();
  let asker: string | undefined;

  const saw = <One extends What>(key: string, what: One): One => {
    seen.set(key, { what, atMs: nowMs() });
    return what;
  };
  return {
    saw,
    async look<One extends What>(key: string, read: () => Promise<One>): Promise<One> {
      asked.add(key);
      const known = seen.get(key);
      if (known !== undefined && nowMs() - known.atMs < FRESH_MS) return known.what as One;
      return saw(key, await read());
    },
    /** @returns what brings it back, unless it was seen again */
    forget(isMeant: (key: string, what: What) => boolean): () => void {
      const gone = [...seen].filter(([key, { what }]) => isMeant(key, what));
      for (const [key] of gone) seen.delete(key);
      return () => gone.forEach(([key, one]) => void (seen.has(key) || seen.set(key, one)));
    },
    askedBy(step: string): void {
      if (asker !== step) asked.clear();
      asker = step;
    },
    lookAnew(step: string): void {
      if (asker === step) for (const key of asked) seen.delete(key);
    },
  };
}

const isBoot = (key: string) => key === "state" || key === "override";
const isSlot = (key: string) => !isBoot(key);
/** An address for HTTP boot is a part of what is to boot. */
const isOfMedia = ({ bootUri }: Slot) => (bootUri === undefined ? isSlot : () => true);
/** A settings object is changed apart from the system. */
const isOverrideOf =
  ({ boot }: BmcDescription) =>
  (key: string) =>
    boot.settingsPath === undefined ? isBoot(key) : key === "override";
/** Media may leave a slot with the power (some BMCs drop them), but none come. */
const isPowered = (key: string, what: What) => isBoot(key) || (what as Slot).isInserted;

/**
 * A BMC within one look: what one step has just read, the next need not ask for again. Whatever is asked of the BMC ends
 * what was known of the part that it changes, so that proof is always read anew.
 */
export function keepFresh(bmc: Bmc, nowMs: () => number): FreshBmc {
  const sight = createSight(nowMs);
  const sawSlots = (description: BmcDescription): BmcDescription => {
    for (const slot of description.slots) sight.saw(slot.path, slot);
    return description;
  };
  let bootProgress: string | undefined;
  const sawState = (state: SystemState): SystemState => {
    ({ bootProgress } = state);
    return state;
  };
  const saw = (description: BmcDescription): BmcDescription => {
    sight.saw("state", sawState(description.state));
    return sawSlots(description);
  };
  const readState: Bmc["readState"] = (...asked) =>
    sight.look("state", async () => sawState(await bmc.readState(...asked)));
  /** Forgets before and after, since the answer may be long in coming; a request that surely did nothing ends nothing. */
  const changing = async (isMeant: Parameters<typeof sight.forget>[0], act: Promise<void>): Promise<void> => {
    const bringBack = sight.forget(isMeant);
    try {
      await act;
      sight.forget(isMeant);
    } catch (error) {
      if (error instanceof RedfishError && !error.mayHaveActed) bringBack();
      else sight.forget(isMeant);
      throw error;
    }
  };

  return {
    ...bmc,
    get bootProgress() {
      return bootProgress;
    },
    askedBy: (step) => sight.askedBy(step),
    lookAnew: (step) => sight.lookAnew(step),
    describe: async (options) => saw(await bmc.describe(options)),
    findSwitchedOn: async (description) => sawSlots(await bmc.findSwitchedOn(description)),
    async recheck(description) {
      const same = await bmc.recheck(description);
      return same === undefined ? undefined : saw(same);
    },
    readState,
    readOverride: async (description) =>
      description.boot.settingsPath === undefined
        ? (await readState(description)).override
        : sight.look("override", () => bmc.readOverride(description)),
    readSlot: (slot) => sight.look(slot.path, () => bmc.readSlot(slot)),
    setPower: (...asked) => changing(isPowered, bmc.setPower(...asked)),
    insertMedia: (...asked) => changing(isOfMedia(asked[0]), bmc.insertMedia(...asked)),
    ejectMedia: (slot) => changing(isOfMedia(slot), bmc.ejectMedia(slot)),
    bootFromDisc: (...asked) => changing(isOverrideOf(asked[0]), bmc.bootFromDisc(...asked)),
    bootByMaker: (...asked) => changing(isOverrideOf(asked[0]), bmc.bootByMaker(...asked)),
    bootFromDisk: (...asked) => changing(isOverrideOf(asked[0]), bmc.bootFromDisk(...asked)),
  };
}
