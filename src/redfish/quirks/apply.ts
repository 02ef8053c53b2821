import { hash } from "node:crypto";
import type { Slot } from "../slots.ts";
import type { Quirk, Ways } from "./quirk.ts";

/** What rows are matched against, as the tree says it; what it does not say is left out. */
export interface Traits {
  /** Vendor of the service, Manufacturer of the system. */
  vendors: readonly string[];
  /** Product of the service, Model of the system. */
  products: readonly string[];
  /** Names under the service root's Oem. */
  oem: readonly string[];
  managers: readonly { model: string | undefined; firmwareVersion: string | undefined }[];
  slots: readonly { id: string }[];
}

/** Finds the rows that fit, in their order. */
export function quirksOf(rows: readonly Quirk[], traits: Traits): Quirk[] {
  return rows.filter((row) => fits(row, traits));
}

/** Tells whether something was made by the same rows. */
export function digestOf(rows: readonly Quirk[]): string {
  return hash("sha1", JSON.stringify(rows)).slice(0, 12);
}

/** What the rows say together; of two that differ in the same, the later one counts. */
export function waysOf(rows: readonly Quirk[]): Ways {
  return Object.assign({}, ...rows.map(({ differs }) => differs)) as Ways;
}

/** Puts slots in the order in which they are to be tried, and marks those that never take a disc. */
export function arrangeSlots(slots: readonly Slot[], { slotsFirst, slotsNever, ...ways }: Ways): Slot[] {
  const isFirst = (slot: Slot) => slotsFirst !== undefined && pattern(slotsFirst).test(slot.id);
  const isNever = (slot: Slot) => slotsNever !== undefined && pattern(slotsNever).test(slot.id);
  const { insertsWith, insertRefusals, busyMessages } = ways;
  const marked = slots.map((slot) => ({
    ...slot,
    takesDisc: slot.takesDisc && !isNever(slot),
    ...(insertsWith === undefined ? {} : { insertsWith }),
    ...(insertRefusals === undefined ? {} : { insertRefusals }),
    ...(busyMessages === undefined ? {} : { busyMessages }),
  }));
  return [...marked.filter(isFirst), ...marked.filter((slot) => !isFirst(slot))];
}

/** Puts the paths of slots that nobody has read yet in that order, without those that never take a disc. */
export function likelySlots(
  paths: readonly string[],
  rows: readonly Quirk[],
  traits: Omit<Traits, "managers" | "slots">,
): string[] {
  const slots = paths.map((path) => ({ path, id: path.split("/").at(-1)! }));
  const { slotsFirst, slotsNever } = waysOf(quirksOf(rows, { ...traits, managers: [], slots }));
  const isLikely = ({ id }: { id: string }) => slotsNever === undefined || !pattern(slotsNever).test(id);
  const isFirst = ({ id }: { id: string }) => slotsFirst !== undefined && pattern(slotsFirst).test(id);
  return slots
    .filter(isLikely)
    .toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)))
    .map(({ path }) => path);
}

function fits({ match }: Quirk, traits: Traits): boolean {
  const { vendor, product, oem, manager, firmware, slot } = match;
  const models = traits.managers.flatMap(({ model }) => model ?? []);
  const versions = traits.managers.flatMap(({ firmwareVersion }) => firmwareVersion ?? []);
  const ids = traits.slots.map(({ id }) => id);
  return (
    hasOne(vendor, traits.vendors) &&
    hasOne(product, traits.products) &&
    hasOne(oem, traits.oem) &&
    hasOne(manager, models) &&
    hasOne(slot, ids) &&
    (firmware === undefined || versions.some((version) => isWithin(version, firmware)))
  );
}

function hasOne(wanted: string | undefined, found: readonly string[]): boolean {
  return wanted === undefined || found.some((text) => pattern(wanted).test(text));
}

const pattern = (text: string) => new RegExp(text, "i");

function isWithin(version: string, { from, below }: { from?: string; below?: string }): boolean {
  const isFrom = from === undefined || compare(version, from) >= 0;
  return isFrom && (below === undefined || compare(version, below) < 0);
}

/** By the numbers in them: makers put words before and behind ("iLO 5 v3.11"), so the last dotted group counts. */
function compare(left: string, right: string): number {
  const [a, b] = [left, right].map(numbersOf);
  for (let at = 0; at < Math.max(a!.length, b!.length); at += 1)
    if ((a![at] ?? 0) !== (b![at] ?? 0)) return (a![at] ?? 0) - (b![at] ?? 0);
  return 0;
}

function numbersOf(version: string): number[] {
  const dotted = version.match(/\d+(\.\d+)+/g)?.at(-1) ?? version.match(/\d+/)?.[0] ?? "";
  return dotted.split(".").map(Number);
}
