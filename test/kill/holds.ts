import { IS_FULL } from "./bounds.ts";
import { REQUESTS_AT_MOST, type House, type Verdict } from "./house.ts";

/** What becomes of a request that a BMC has when its sender dies. */
export type Fate = "acted" | "lost" | "acts late";

/** Which request of each machine is held, and by how much the fates are shifted over the machines. */
export interface HoldPoint {
  nth: number;
  shift: number;
}

/** Every request under every fate, or a few where not all are tried. */
export function chooseHolds(fates: readonly Fate[], some: number): HoldPoint[] {
  const all = Array.from({ length: REQUESTS_AT_MOST }, (_, index) => index + 1);
  if (IS_FULL) return all.flatMap((nth) => fates.map((_, shift) => ({ nth, shift })));
  const step = REQUESTS_AT_MOST / some;
  // From the middle of each part, so that the reads at the beginning do not take up a point.
  return Array.from({ length: some }, (_, index) => ({
    nth: Math.round(step * (index + 0.5)),
    shift: index,
  }));
}

/** A round of deployments of which each machine has one request held. */
export interface HeldRound {
  /** By machine. */
  fates: readonly Fate[];
  runs: Promise<Verdict>[];
  /** Lets those go that acted or are lost; those that act late wait for `releaseLate`. */
  release(): void;
  releaseLate(): void;
}

/** Begins a round, and waits until every machine has its request held or needs no more. */
export async function holdRound(
  house: House,
  fates: readonly Fate[],
  { nth, shift }: HoldPoint,
): Promise<HeldRound> {
  await house.tidy();
  const given = house.bmcs.map((_, index) => fates[(index + shift) % fates.length]!);
  for (const [index, { bmc }] of house.bmcs.entries())
    bmc.hold("", given[index] === "acted" ? "after-acting" : "before-acting", nth - 1);
  const runs = house.deployAll(`${nth}-${shift}`);
  await Promise.all(house.bmcs.map(({ bmc }, index) => Promise.race([bmc.whenHeld(), runs[index]])));
  const letGo = (isMeant: (fate: Fate) => boolean) => {
    for (const [index, { bmc }] of house.bmcs.entries()) {
      if (!isMeant(given[index]!)) continue;
      if (given[index] === "lost") bmc.drop();
      else bmc.release();
    }
  };
  return {
    fates: given,
    runs,
    release: () => letGo((fate) => fate !== "acts late"),
    releaseLate: () => letGo((fate) => fate === "acts late"),
  };
}
