import type { ByteRange, Disc } from "../disc.ts";

/** An extent as it is served: the node's own bytes decoded, and where each begins on the disc known. */
export type Section =
  | { kind: "blob"; start: number; length: number; digest: string; offset: number }
  | { kind: "bytes"; start: number; length: number; bytes: Buffer }
  | { kind: "zeros"; start: number; length: number };

/** What a range has of a section. */
export interface Piece {
  section: Section;
  /** Within the section. */
  from: number;
  to: number;
}

const known = new WeakMap<Disc, readonly Section[]>();

/** The pieces that make up a range of a disc, in order. A disc's description is taken to pieces once for all its reads. */
export function piecesOf(disc: Disc, { start, end }: ByteRange): Piece[] {
  const sections = known.get(disc) ?? remember(disc);
  const pieces: Piece[] = [];
  for (let index = findSection(sections, start); index < sections.length; index += 1) {
    const section = sections[index]!;
    if (section.start >= end) break;
    const from = Math.max(start - section.start, 0);
    const to = Math.min(end - section.start, section.length);
    if (from < to) pieces.push({ section, from, to });
  }
  return pieces;
}

function remember(disc: Disc): readonly Section[] {
  let start = 0;
  const sections = disc.extents.map((extent): Section => {
    const at = { start, length: extent.length };
    start += extent.length;
    if (extent.kind === "blob") return { kind: "blob", ...at, digest: extent.digest, offset: extent.offset };
    if (extent.kind === "zeros") return { kind: "zeros", ...at };
    return { kind: "bytes", ...at, bytes: Buffer.from(extent.base64, "base64") };
  });
  known.set(disc, sections);
  return sections;
}

/** Index of the last section that begins at or before an offset. */
function findSection(sections: readonly Section[], at: number): number {
  let low = 0;
  let high = sections.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sections[middle]!.start <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
