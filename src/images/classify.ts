import type { ByteRange, Disc } from "./disc.ts";
import { SECTOR_BYTES } from "./el-torito.ts";
import type { SentRange } from "./serve/serve.ts";

/** What a piece of a disc is, for whoever asks whether a machine boots from it. */
export interface Touched {
  catalogue: boolean;
  /** The catalogue, or a descriptor: firmware begins with one of them. */
  bootBegin: boolean;
  /** What a request that begins here was for; null for the rest of a request. */
  asked: { sector: number; what: "descriptor" | "catalogue" | "other" } | null;
  bootImage: boolean;
  beyond: boolean;
}

/** Partition tables, then volume descriptors; nothing that a loader or a system came for. */
const DESCRIPTORS: ByteRange = { start: 0, end: 20 * SECTOR_BYTES };
/** The primary and the boot record, of which SeaBIOS reads the second first, and what may stand between and behind. */
const VOLUME_DESCRIPTORS: ByteRange = { start: 16 * SECTOR_BYTES, end: 20 * SECTOR_BYTES };
/** A BMC with a page cache asks for whole pages. */
const PAGE_BYTES = 4096;
/** A reader that asks for one sector may fetch this much behind it: QEMU's curl driver takes 256 KiB. */
const READ_AHEAD_BYTES = 512 * 1024;
/** A disc below this size comes whole with the first read-ahead or two, so that wishes cannot be told apart. */
const SMALL_SECTORS = 600;

/** Whether so small a disc may be read whole by whoever only looks for its boot image. */
export function comesWhole({ sizeBytes }: Pick<Disc, "sizeBytes">): boolean {
  return Math.ceil(sizeBytes / SECTOR_BYTES) < SMALL_SECTORS;
}

/** Tells what each sent piece of a disc touches. */
export function createClassifier(disc: Disc): (range: SentRange) => Touched {
  const { catalogue, images } = disc.boot;
  const isBeyond = beyondOf(disc);
  return (range) => {
    const isCatalogue = overlaps(range, catalogue);
    return {
      catalogue: isCatalogue,
      bootBegin: isCatalogue || overlaps(range, VOLUME_DESCRIPTORS),
      asked: range.start === range.requestStart ? askedFor(range.start, catalogue) : null,
      bootImage: images.some((image) => overlaps(range, image)),
      beyond: isBeyond(range),
    };
  };
}

function askedFor(start: number, catalogue: ByteRange): Touched["asked"] {
  const page = { start, end: start + PAGE_BYTES };
  const what = overlaps(page, catalogue) ? "catalogue" : overlaps(page, DESCRIPTORS) ? "descriptor" : "other";
  return { sector: Math.floor(start / SECTOR_BYTES), what };
}

/** The byte that was wanted: where the request began, or where its piece does once that is more than a read-ahead. */
function wishOf(range: SentRange): number {
  return range.start - range.requestStart >= READ_AHEAD_BYTES ? range.start : range.requestStart;
}

function beyondOf(disc: Disc): (range: SentRange) => boolean {
  const places = [DESCRIPTORS, disc.boot.catalogue, ...disc.boot.images];
  if (comesWhole(disc)) {
    const inOrder = places.toSorted((a, b) => a.start - b.start);
    return (range) => leavesOut(range, inOrder);
  }
  places.push(...probedPlaces(Math.ceil(disc.sizeBytes / SECTOR_BYTES)));
  return (range) => {
    const at = wishOf(range);
    return !places.some((place) => at >= place.start && at < place.end);
  };
}

/** Whether a range holds a byte that is in none of the places, which are in order. */
function leavesOut(range: ByteRange, places: readonly ByteRange[]): boolean {
  let at = range.start;
  for (const place of places) if (place.start <= at && place.end > at) at = place.end;
  return at < range.end;
}

/**
 * Where EDK2 and others look for UDF (ECMA-167, 3/8.4.2.1: sectors 256, 512, N-257, N-256 and the last) and for the
 * backup partition table at the end, on every disc and before any boot.
 */
function probedPlaces(sectors: number): ByteRange[] {
  const places = [
    [256, 257],
    [512, 513],
    [sectors - 257, sectors - 255],
    [sectors - 16, sectors],
  ] as const;
  return places.map(([first, end]) => ({ start: first * SECTOR_BYTES, end: end * SECTOR_BYTES }));
}

function overlaps(a: ByteRange, b: ByteRange): boolean {
  return a.start < b.end && b.start < a.end;
}
