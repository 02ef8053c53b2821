import { readdirSync, readFileSync } from "node:fs";

/** What the kernel counts CPU time in; 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;

/** One process as /proc shows it (proc_pid_stat(5)). */
interface Stat {
  pid: number;
  parent: number;
  name: string;
  /** Of the process itself, and of its children that have ended and were waited for. */
  cpuSeconds: number;
}

/**
 * CPU seconds that a process and all its descendants have used, those that have ended included.
 *
 * @throws Error when the process is not there
 */
export function cpuSecondsOf(root: number): number {
  return familyOf(root).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/**
 * The most memory that was ever resident, in bytes, of a process and all its descendants by their programs' names. Equal
 * names are added up.
 *
 * @param called the name to give the process itself, whose program is node
 */
export function peakRssOf(root: number, called: string): Record<string, number> {
  return byName(root, called, "VmHWM");
}

/** The same of the memory that is resident now. */
export function rssOf(root: number, called: string): Record<string, number> {
  return byName(root, called, "VmRSS");
}

function byName(root: number, called: string, field: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const stat of familyOf(root)) {
    const { pid } = stat;
    const name = pid === root ? called : stat.name;
    const [, kib] =
      new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    sums[name] = (sums[name] ?? 0) + Number(kib ?? 0) * 1024;
  }
  return sums;
}

function familyOf(root: number): Stat[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => statOf(Number(pid)) ?? []);
  const family = all.filter(({ pid }) => pid === root);
  if (family.length === 0) throw new Error(`no process has the id ${root} any more`);
  // Grows while it is walked: children of children are found behind their parents.
  for (const { pid } of family) family.push(...all.filter(({ parent }) => parent === pid));
  return family;
}

/** Undefined for a process that has ended since it was listed. */
function statOf(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name stands in brackets and may hold both brackets and blanks.
  const [, name = "", rest = ""] = /\((.*)\) (.*)/s.exec(text) ?? [];
  const fields = rest.split(" ").map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, one) => sum + one, 0);
  return { pid, parent: fields[1]!, name, cpuSeconds: ticks / TICKS_PER_SECOND };
}
