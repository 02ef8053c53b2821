import { IS_FULL } from "./bounds.ts";
import { REQUESTS_AT_MOST, type House, type Verdict } from "./house.ts";

/** What becomes of a request that a BMC has when its sender dies. */
export type Fate = "acted" | "lost" | "acts late";

/** Which request of each machine is held, and by how much the fates are shifted over the machines. */
export interface HoldPoint {
  /** As for `hold` of a simulated BMC; the `nth` of those that match. */
  match: string;
  nth: number;
  shift: number;
}

/** The requests that change something; the first two kinds come twice where a machine is on and its slot full. */
const CHANGES: readonly Omit<HoldPoint, "shift">[] = [
  { match: "Reset", nth: 1 },
  { match: "EjectMedia", nth: 1 },
  { match: "InsertMedia", nth: 1 },
  { match: "PATCH", nth: 1 },
  { match: "Reset", nth: 2 },
  { match: "EjectMedia", nth: 2 },
];

/** Every request under every fate; where not all are tried, those that change something, so many of them. */
export function chooseHolds(fates: readonly Fate[], some: number): HoldPoint[] {
  if (!IS_FULL) return CHANGES.slice(0, some).map((point, shift) => ({ ...point, shift }));
  const all = Array.from({ length: REQUESTS_AT_MOST }, (_, index) => ({ match: "", nth: index + 1 }));
  return all.flatMap((point) => fates.map((_, shift) => ({ ...point, shift })));
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
  { match, nth, shift }: HoldPoint,
): Promise<HeldRound> {
  await house.tidy();
  const given = house.bmcs.map((_, index) => fates[(index + shift) % fates.length]!);
  for (const [index, { bmc }] of house.bmcs.entries())
    bmc.hold(match, given[index] === "acted" ? "after-acting" : "before-acting", nth - 1);
  const runs = house.deployAll(`${match.toLowerCase()}-${nth}-${shift}`);
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
