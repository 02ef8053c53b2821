import type { BmcDescription, BmcTarget } from "./bmc.ts";
import type { RedfishClient, Sender } from "./client.ts";
import { RedfishError } from "./errors.ts";
import type { Finding } from "./finding.ts";
import type { Metadata } from "./metadata.ts";
import type { Quirk } from "./quirks/index.ts";
import type { Session } from "./session.ts";

/** What the checks of one examination are given, and what earlier ones leave for later ones. */
export interface Examination {
  target: BmcTarget;
  /** Without credentials. */
  client: RedfishClient;
  session: Session;
  quirks: readonly Quirk[];
  now: () => number;
  /** Why the certificate forbids to go on. */
  offence?: RedfishError;
  /** The service root. */
  root?: unknown;
  metadata?: Metadata;
  /** Reads nothing twice. */
  reader?: Sender;
  description?: BmcDescription;
}

/** One check. What a BMC does wrong is its outcome; it throws for nothing else than our own faults. */
export type Check = (examination: Examination) => Promise<Omit<Finding, "check">>;

export function outcome(outcome: Finding["outcome"], detail: string, hint?: string): Omit<Finding, "check"> {
  return { outcome, detail, hint };
}

/** What a BMC did wrong, as an outcome. @throws whatever is no RedfishError */
export function outcomeOf(error: unknown, outcome: "fail" | "warn" = "fail"): Omit<Finding, "check"> {
  if (!(error instanceof RedfishError)) throw error;
  const { message: detail, hint, fingerprint } = error;
  return { outcome, detail, hint, ...(fingerprint === undefined ? {} : { fingerprint }) };
}
