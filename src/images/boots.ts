import type { Touched } from "./classify.ts";
import { BOOTS_KEPT, type DiscReads, type ReadMilestone } from "./reads.ts";

/** A catalogue that was left alone for this long is read for a new boot. */
const BOOT_GAP_MS = 2_000;
/** After many boots their milestones come this far apart at least, so that a loop does not fill the record. */
const LOOP_PAUSE_MS = 60_000;
/** Firmware has found its boot image after fewer requests. */
const ORDER_KEPT = 24;

type Boot = DiscReads["bootReads"][number];

/** Tells boots apart: the catalogue after a silence, then the boot image. */
export interface Boots {
  add(touched: Touched, atMs: number, silentBeforeMs: number): ReadMilestone[];
  hasReadImage(): boolean;
  list(): Boot[];
}

/**
 * A guest that looks at its disc again reads descriptors, and by its read-ahead perhaps catalogue and boot image too; but only
 * firmware asks in the order of the first boot, which is kept for that.
 *
 * @param earlier what others, or this process before, have seen of the disc
 */
export function createBoots(earlier: DiscReads | undefined): Boots {
  const boots: Boot[] = [];
  let firstOrder = earlier?.bootReads.find(({ order }) => order !== undefined)?.order;
  let begunMs = Date.parse(earlier?.catalogueReadAt ?? "") || Number.NEGATIVE_INFINITY;
  let toldMs = Number.NEGATIVE_INFINITY;
  let count = earlier?.bootReads.filter((boot) => boot.imageAt !== null).length ?? 0;
  let asking = createOrder();

  function begin(atMs: number, silentBeforeMs: number): void {
    if (atMs - begunMs >= BOOT_GAP_MS) {
      boots.push({ catalogueAt: new Date(atMs).toISOString(), imageAt: null, silentBeforeMs });
      asking = createOrder();
      // What the first boot asked for stays.
      if (boots.length > BOOTS_KEPT) boots.splice(boots[0]!.order === undefined ? 0 : 1, 1);
    }
    begunMs = atMs;
  }

  /** @returns whether the boot of this moment has just been seen to be like the first */
  function follow(boot: Boot, touched: Touched): boolean {
    const order = asking.add(touched);
    if (order === undefined) return false;
    if (firstOrder === undefined) {
      firstOrder = order;
      boot.order = order;
      return false;
    }
    if (order.join() !== firstOrder.join()) return false;
    boot.isRepeat = true;
    return true;
  }

  function mayTell(atMs: number): boolean {
    if (count > BOOTS_KEPT && atMs - toldMs < LOOP_PAUSE_MS) return false;
    toldMs = atMs;
    return true;
  }

  return {
    hasReadImage: () => count > 0,
    list: () => boots.map((boot) => ({ ...boot })),
    add(touched, atMs, silentBeforeMs) {
      if (touched.bootBegin) begin(atMs, silentBeforeMs);
      const boot = boots.at(-1);
      if (boot === undefined) return [];
      const isAgain = follow(boot, touched);
      const isImage = touched.bootImage && boot.imageAt === null;
      if (isImage) {
        boot.imageAt = new Date(atMs).toISOString();
        count += 1;
      }
      if (!(isImage || isAgain) || !mayTell(atMs)) return [];
      return [...(isImage ? (["boot-image"] as const) : []), ...(isAgain ? (["boot-again"] as const) : [])];
    },
  };
}

/** Gathers in which sectors requests begin, until the first behind the catalogue that is for no descriptor. */
function createOrder(): { add(touched: Touched): number[] | undefined } {
  const sectors: number[] = [];
  let hasAskedForCatalogue = false;
  let isOver = false;
  return {
    add({ asked }) {
      if (isOver || asked === null) return undefined;
      if (sectors.at(-1) !== asked.sector) sectors.push(asked.sector);
      const isBehind = hasAskedForCatalogue && asked.what === "other";
      hasAskedForCatalogue ||= asked.what === "catalogue";
      isOver = isBehind || sectors.length >= ORDER_KEPT;
      return isBehind ? sectors : undefined;
    },
  };
}
