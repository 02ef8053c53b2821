import { stripVTControlCharacters } from "node:util";

/** What firmware started. */
export type Started = "disc" | "disk" | "http" | "nothing";

const SEABIOS_STEP = /Booting from (DVD\/CD|Hard Disk)[.\s]*/g;
const SEABIOS_FAILED = "Boot failed";
const OVMF_STEP = /BdsDxe: starting Boot[0-9A-F]{4} "([^"]*)" from ([^\r\n]+)[\r\n]/;
/** A control sequence (ECMA-48) of which the rest has not arrived. */
// oxlint-disable-next-line no-control-regex
const UNFINISHED_CONTROL = /\x1b(?:\[[0-?]*[ -/]*)?$/;

/**
 * Reads from the serial line what the firmware really started; null as long as it has not said. What it says arrives
 * in pieces that end anywhere, so nothing is made of a line that more may follow on.
 *
 * OVMF names what it starts. SeaBIOS names what it tries and then says only when it failed, so it has started what
 * it named last once something else than a failure follows.
 */
export function whatStarted(serial: string): Started | null {
  const text = stripVTControlCharacters(serial.replace(UNFINISHED_CONTROL, ""));
  if (/No bootable (device|option)/.test(text)) return "nothing";
  const ovmf = OVMF_STEP.exec(text);
  if (ovmf) return whatOvmfStarted(ovmf[1]!, ovmf[2]!);
  const step = [...text.matchAll(SEABIOS_STEP)].at(-1);
  if (!step) return null;
  const after = text.slice(step.index + step[0].length);
  // What arrived so far may be the beginning of the failure.
  if (after.startsWith(SEABIOS_FAILED) || SEABIOS_FAILED.startsWith(after)) return null;
  return step[1] === "Hard Disk" ? "disk" : "disc";
}

function whatOvmfStarted(entry: string, path: string): Started {
  if (path.startsWith("Uri(")) return "http";
  if (/DVD-ROM|CD-?ROM/.test(entry + path)) return "disc";
  // An entry that an installed system made for itself is named as it likes, and lies on a partition: HD(…).
  return /HARDDISK/.test(entry) || path.startsWith("HD(") ? "disk" : "nothing";
}
