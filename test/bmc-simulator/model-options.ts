import type { AboardOptions } from "./agent/aboard.ts";

/** What the system on the disc does once it runs, in order; after the last it stays. */
export type ScriptStep = { waitMs: number } | { callBack: string; body?: unknown } | "power-off" | "reboot";
export type Script = readonly ScriptStep[];

/** How the system on the disc, and the disk behind it, behave. */
export interface ModelOptions {
  /** Empty unless told; with "reboot" in it and an override that stays, the machine goes round for ever. */
  script?: Script;
  /** Part of the disc, 0 to 1, that the system reads in order after its boot image; 0.6 unless told. */
  readShare?: number;
  /** Bytes of one read; 256 KiB unless told. */
  rangeBytes?: number;
  /** Pause between reads; none unless told. */
  readPauseMs?: number;
  /** The system hangs when it has read so many bytes in order; it never hangs unless told. */
  hangsAfterBytes?: number;
  /** How long a disc is asked for again and again whose server is away, as many BMCs do; not at all unless told. */
  patienceMs?: number;
  /** The system does not hear the ACPI button. */
  ignoresButton?: boolean;
  /** The agent that runs when a disc is booted whose kernel line starts one; without it nobody looks for one. */
  agent?: AboardOptions;
}

const OPTIONS: readonly string[] = [
  "script",
  "readShare",
  "rangeBytes",
  "readPauseMs",
  "hangsAfterBytes",
  "patienceMs",
  "ignoresButton",
  "agent",
] satisfies (keyof ModelOptions)[];

/** @throws TypeError for an option that does not exist, as it may come by HTTP */
export function checkOptions(given: ModelOptions): void {
  const unknown = Object.keys(given).find((name) => !OPTIONS.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`no model machine has ${unknown}; there are ${OPTIONS.join(", ")}`);
}
