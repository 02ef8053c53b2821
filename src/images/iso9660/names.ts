import type { Volume } from "./volumes.ts";

/** The name of a record by its tree's own rules, before Rock Ridge is asked. */
export function plainName(bytes: Buffer, kind: Volume["kind"]): string {
  if (bytes.length === 1 && bytes[0] === 0) return ".";
  if (bytes.length === 1 && bytes[0] === 1) return "..";
  const written = kind === "joliet" ? fromUcs2(bytes) : bytes.toString("latin1");
  const bare = written.replace(/;\d+$/, "");
  return kind === "primary" ? bare.replace(/\.$/, "") : bare;
}

/** The same name again, as bytes for a new record. */
export function encodeName(written: string, kind: Volume["kind"]): Buffer {
  return kind === "joliet" ? Buffer.from(written, "utf16le").swap16() : Buffer.from(written, "latin1");
}

function fromUcs2(bytes: Buffer): string {
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString("utf16le");
}

/** Whether a name can stand in a tree without Rock Ridge or Joliet and be found again under it (ECMA-119, 7.5). */
export function isPlainIsoName(name: string): boolean {
  return /^[A-Z0-9_]{1,8}(\.[A-Z0-9_]{1,3})?$/i.test(name);
}

/**
 * A new entry's name as written in a tree: real in Joliet and in ISO 9660:1999, 8.3 in capitals and unique in the
 * primary tree, where Rock Ridge keeps the real one beside it.
 *
 * @param taken names as written by `plainName`
 * @param hasVersions whether this image's files end in `;1`
 */
export function writtenName(
  name: string,
  facts: {
    kind: Volume["kind"];
    isDirectory: boolean;
    taken: ReadonlySet<string>;
    hasVersions: boolean;
  },
): string {
  const version = facts.hasVersions && !facts.isDirectory ? ";1" : "";
  if (facts.kind !== "primary") return name + version;
  const at = name.lastIndexOf(".");
  const clean = (part: string): string => part.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_");
  const stem = clean(at > 0 ? name.slice(0, at) : name).slice(0, 8);
  const extension = at > 0 && !facts.isDirectory ? clean(name.slice(at + 1)).slice(0, 3) : "";
  for (let number = 0; ; number += 1) {
    const mark = number === 0 ? "" : String(number);
    const bare = stem.slice(0, 8 - mark.length) + mark;
    const full = extension === "" ? bare : `${bare}.${extension}`;
    if (facts.taken.has(full)) continue;
    if (facts.isDirectory) return full;
    return (extension === "" ? `${bare}.` : full) + version;
  }
}

/** By what records are ordered (ECMA-119, 9.3; Joliet by its bytes). */
export function sortKey(bytes: Buffer, kind: Volume["kind"]): string {
  const text = bytes.toString("latin1");
  if (kind === "joliet" || bytes.length === 1) return text;
  const [, stem = "", extension = "", version = ""] = /^([^.;]*)\.?([^;]*);?(.*)$/.exec(text) ?? [];
  return stem.padEnd(207) + extension.padEnd(207) + version;
}
