import { choose, IS_BOUNDED } from "./bounds.ts";
import type { House, Verdict } from "./house.ts";

/** What becomes of a request that a BMC has when its sender dies. */
export type Fate = "acted" | "lost" | "acts late";

/** Of a machine whose plan had no such request. */
const NOT_HELD = "at another request than its own";

const MOMENT_OF: Record<Fate, string> = {
  acted: "when a BMC has acted and not answered",
  lost: "when a request is on its way that is lost",
  "acts late": "when a request is on its way that acts later",
};

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

/**
 * Every request under every fate; where not all are tried, those that change something, so many of them.
 *
 * @param requests how many a BMC gets at most
 */
export function chooseHolds(fates: readonly Fate[], some: number, requests: number): HoldPoint[] {
  if (IS_BOUNDED) return CHANGES.slice(0, some).map((point, shift) => ({ ...point, shift }));
  const all = Array.from({ length: requests }, (_, index) => ({ match: "", nth: index + 1 }));
  const points = all.flatMap((point) => fates.map((_, shift) => ({ ...point, shift })));
  return choose(points, some);
}

/** A round of deployments of which each machine has one request held. */
export interface HeldRound {
  /** By machine, as the table calls it. */
  moments: readonly string[];
  /** Whether any machine had such a request. */
  isAnyHeld: boolean;
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
  const runs = house.deployAll();
  const isHeld = await Promise.all(
    house.bmcs.map(({ bmc }, index) =>
      Promise.race([bmc.whenHeld().then(() => true), runs[index]!.then(() => false)]),
    ),
  );
  const letGo = (isMeant: (fate: Fate) => boolean) => {
    for (const [index, { bmc }] of house.bmcs.entries()) {
      if (!isMeant(given[index]!)) continue;
      if (given[index] === "lost") bmc.drop();
      else bmc.release();
    }
  };
  return {
    isAnyHeld: isHeld.includes(true),
    moments: given.map((fate, index) => (isHeld[index] ? MOMENT_OF[fate] : NOT_HELD)),
    runs,
    release: () => letGo((fate) => fate !== "acts late"),
    releaseLate: () => letGo((fate) => fate === "acts late"),
  };
}
