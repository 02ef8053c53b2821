import type { Names } from "./tree.ts";

/** Interchange level 3 allows 30 characters in name and extension together (ECMA-119, 7.5.1). */
const ISO_CHARACTERS = 30;
/** What a record has room for in Joliet, as most writers allow where the specification says 64. */
const JOLIET_CHARACTERS = 103;
/** What Joliet cannot hold, beside control characters (Joliet 1, "Allowed Character Set"). */
const NOT_IN_JOLIET = /[*/:;?\\]/g;

/** Gives the entries of one directory their names in the other trees, each one once. In the order given. */
export function isoNames(entries: readonly { name: string; isDirectory: boolean }[]): Names[] {
  const isoTaken = new Set<string>();
  const jolietTaken = new Set<string>();
  return entries.map(({ name, isDirectory }) => ({
    real: name,
    iso: take(isoTaken, (suffix) => plainName(name, isDirectory, suffix)),
    joliet: take(jolietTaken, (suffix) => jolietName(name, suffix)),
  }));
}

/** The first name that is free, with ever higher numbers at its end. */
function take(taken: Set<string>, nameWith: (suffix: string) => string): string {
  for (let number = 0; ; number += 1) {
    const name = nameWith(number === 0 ? "" : `_${number}`);
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

/** Upper case letters, digits and `_`; `;1` behind the names of files (ECMA-119, 7.4 and 7.5). */
function plainName(name: string, isDirectory: boolean, suffix: string): string {
  const plain = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
  const dot = isDirectory ? -1 : name.lastIndexOf(".");
  const extension = dot > 0 ? plain(name.slice(dot + 1)).slice(0, 8) : "";
  const stem = plain(dot > 0 ? name.slice(0, dot) : name);
  const cut = stem.slice(0, ISO_CHARACTERS - extension.length - suffix.length) + suffix;
  return isDirectory ? cut : `${cut}.${extension};1`;
}

function jolietName(name: string, suffix: string): string {
  return name.replaceAll(NOT_IN_JOLIET, "_").slice(0, JOLIET_CHARACTERS - suffix.length) + suffix;
}

/**
 * The order of a directory's records (ECMA-119, 9.3): by name, then by extension, the shorter one filled up with spaces.
 * Joliet sorts by the bytes of its characters, which is the same by one field.
 */
export function compareNames(one: string, other: string): number {
  const [name = "", extension = ""] = one.split(/[.;]/);
  const [otherName = "", otherExtension = ""] = other.split(/[.;]/);
  return compareFilled(name, otherName) || compareFilled(extension, otherExtension);
}

function compareFilled(one: string, other: string): number {
  const length = Math.max(one.length, other.length);
  const [left, right] = [one.padEnd(length), other.padEnd(length)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
