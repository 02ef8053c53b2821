import type { Bmc, BmcDescription, BmcPool, BmcTarget } from "./bmc.ts";
import { bootTargets, resetTypes, slots, system } from "./examine-machine.ts";
import { logIn, reachable, sessions, tls } from "./examine-access.ts";
import { clock, jobs, licence, quirks, secureBoot, settings } from "./examine-state.ts";
import type { Check, Examination } from "./examination.ts";
import type { Finding } from "./finding.ts";
import { schemas } from "./examine-schemas.ts";

/** In order; nothing behind one that ends the examination can be done when it has failed. */
const CHECKS: { check: string; run: Check; isVital?: true }[] = [
  { check: "reachable", run: reachable, isVital: true },
  { check: "tls", run: tls, isVital: true },
  { check: "log-in", run: logIn, isVital: true },
  { check: "sessions", run: sessions },
  { check: "schemas", run: schemas },
  { check: "system", run: system, isVital: true },
  { check: "slots", run: slots },
  { check: "boot-targets", run: bootTargets },
  { check: "reset-types", run: resetTypes },
  { check: "secure-boot", run: secureBoot },
  { check: "licence", run: licence },
  { check: "settings", run: settings },
  { check: "clock", run: clock },
  { check: "jobs", run: jobs },
  { check: "quirks", run: quirks },
];

/**
 * Finds out, by reads alone, whether this BMC can be used: reachable, its certificate, one log-in, what it has and
 * allows. What fails is a finding; whatever needs what has failed is skipped.
 */
export function examine(
  bmcs: BmcPool,
  target: BmcTarget,
  ...options: Parameters<Bmc["examine"]>
): ReturnType<Bmc["examine"]> {
  return bmcs.open(target).examine(...options);
}

/** The same, of a BMC whose session is lent already. */
export async function examineBmc(
  bmc: Pick<Examination, "target" | "session" | "client" | "quirks" | "now">,
  onDescribed?: (description: BmcDescription) => void,
): Promise<Finding[]> {
  const examination: Examination = { ...bmc };
  const findings: Finding[] = [];
  for (const { check, run, isVital = false } of CHECKS) {
    const found = await run(examination);
    findings.push({ check, ...found });
    if (found.outcome === "fail" && isVital) break;
  }
  if (examination.description !== undefined) onDescribed?.(examination.description);
  const failed = findings.at(-1)!;
  const skipped = CHECKS.slice(findings.length).map(({ check }) => ({
    check,
    outcome: "skip" as const,
    detail: `needs ${failed.check}, which failed`,
    hint: undefined,
  }));
  return [...findings, ...skipped];
}
