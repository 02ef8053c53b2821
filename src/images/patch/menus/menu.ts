import type { KernelArg, KernelArgsChange } from "../../kernel-args.ts";

/** What a menu's text is to say. */
export interface MenuChange {
  args: KernelArgsChange;
  /** Seconds until the default entry starts by itself; null leaves the menu's own time. */
  timeoutS: number | null;
}

/** A menu's text with the change, in which so many kernel command lines were changed. */
export interface ChangedMenu {
  text: string;
  entries: number;
}

/** A kind of boot menu. Texts are latin1, so that every byte stays what it is. */
export interface MenuKind {
  name: "grub" | "syslinux" | "systemd-boot" | "esxi";
  /** Whether a file is such a menu or a part of one, and starts a kernel. */
  isOne(path: string, text: string): boolean;
  change(text: string, change: MenuChange): ChangedMenu;
}

/** A part of a text that gives way to another. */
export interface Splice {
  start: number;
  end: number;
  text: string;
}

/** @param splices do not overlap */
export function splice(text: string, splices: readonly Splice[]): string {
  let changed = "";
  let at = 0;
  for (const { start, end, text: put } of splices.toSorted((one, other) => one.start - other.start)) {
    changed += text.slice(at, start) + put;
    at = end;
  }
  return changed + text.slice(at);
}

/** What a word of a menu is to the kernel; undefined where a variable stands in for its name. */
export function argOf(bare: string): KernelArg {
  const at = bare.indexOf("=");
  if (at === -1) return { name: bare, value: null };
  const value = bare.slice(at + 1);
  return { name: bare.slice(0, at), value: /^"([^"]*)"$/.exec(value)?.[1] ?? value };
}

/** Everything behind one of these words is for the installed system or for the first process. */
export const isDivider = (bare: string): boolean => bare === "---" || bare === "--";

/** Programs in menus that start no system: their arguments are their own. */
export const isOtherProgram = (path: string): boolean =>
  /memtest|\.(c32|com|0|bin|bs|bss|efi|img)$/i.test(path) && !/vmlinu[xz]|linux\.efi$/i.test(path);
