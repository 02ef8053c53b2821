import type { ByteRange, Disc } from "./disc.ts";
import type { ReadAt } from "./inspect/read-at.ts";

/** Sectors of a CD; catalogue and boot images are placed by them. */
export const SECTOR_BYTES = 2048;
/** Load sizes are counted in these, whatever the sector of the medium. */
const VIRTUAL_SECTOR_BYTES = 512;

const ENTRY_BYTES = 32;
/** Two hundred and fifty-six entries: far more than any image has, and still one small read. */
const CATALOGUE_BYTES = 4 * SECTOR_BYTES;
/** What the emulated floppies hold (El Torito, figure 3); a hard disk's size stands in its own partition table. */
const FLOPPY_BYTES: Record<number, number> = { 1: 1_228_800, 2: 1_474_560, 3: 2_949_120 };

type BootImage = Disc["boot"]["images"][number];
type Platform = BootImage["platform"];

/** Reads the boot catalogue at a sector: its range and the entries that can boot, or what is wrong with it. */
export async function readBootImages(
  read: ReadAt,
  sector: number,
  sizeBytes: number,
): Promise<{ catalogue: ByteRange; images: BootImage[] } | { problem: string }> {
  const start = sector * SECTOR_BYTES;
  const bytes = await read(start, CATALOGUE_BYTES);
  if (bytes.length < 2 * ENTRY_BYTES)
    return { problem: "its boot catalogue lies behind its end (cut short?)" };
  if (!isValid(bytes.subarray(0, ENTRY_BYTES))) return { problem: "its boot catalogue is damaged" };
  const { entries, usedBytes } = listEntries(bytes);
  if (entries.length === 0) return { problem: "its boot catalogue has no entry that is marked bootable" };
  const found = await Promise.all(entries.map((entry) => locate(read, entry, sizeBytes)));
  const images = found.filter((image) => image !== undefined);
  if (images.length === 0) return { problem: "its boot images lie behind its end (cut short?)" };
  return { catalogue: { start, end: Math.min(start + usedBytes, sizeBytes) }, images };
}

/** The validation entry: header 1, key 55 AA, and words that add up to nothing (El Torito, figure 2). */
function isValid(entry: Buffer): boolean {
  let sum = 0;
  for (let offset = 0; offset < ENTRY_BYTES; offset += 2) sum += entry.readUInt16LE(offset);
  return entry[0] === 1 && entry[30] === 0x55 && entry[31] === 0xaa && sum % 0x10000 === 0;
}

interface Entry {
  platform: Platform;
  bytes: Buffer;
}

/** The default entry and those of the sections behind it; `usedBytes` ends with the last one that was looked at. */
function listEntries(catalogue: Buffer): { entries: Entry[]; usedBytes: number } {
  const entries: Entry[] = [];
  let platform = platformOf(catalogue[1]!);
  let offset = ENTRY_BYTES;
  let left = 1;
  for (; offset + ENTRY_BYTES <= catalogue.length; offset += ENTRY_BYTES) {
    const bytes = catalogue.subarray(offset, offset + ENTRY_BYTES);
    const indicator = bytes[0];
    if (indicator === 0x44) continue;
    if (left > 0) {
      left -= 1;
      if (indicator === 0x88) entries.push({ platform, bytes });
    } else if (indicator === 0x90 || indicator === 0x91) {
      platform = platformOf(bytes[1]!);
      left = bytes.readUInt16LE(2);
    } else break;
  }
  return { entries, usedBytes: offset };
}

function platformOf(id: number): Platform {
  if (id === 0) return "bios";
  return id === 0xef ? "efi" : "other";
}

/** Where an entry's image lies; undefined when no byte of it is in the file. */
async function locate(read: ReadAt, entry: Entry, sizeBytes: number): Promise<BootImage | undefined> {
  const start = entry.bytes.readUInt32LE(8) * SECTOR_BYTES;
  if (start === 0 || start >= sizeBytes) return undefined;
  const size = await imageBytes(read, entry, start);
  return { start, end: Math.min(start + size, sizeBytes), platform: entry.platform };
}

/**
 * Sixteen bits cannot say the size of a large EFI image, so writers put 0 or 1 there and firmware takes the size that the
 * FAT inside gives; a BIOS that finds 0 loads one sector.
 */
async function imageBytes(read: ReadAt, entry: Entry, start: number): Promise<number> {
  const floppy = FLOPPY_BYTES[entry.bytes[1]! & 0x0f];
  if (floppy !== undefined) return floppy;
  const loaded = entry.bytes.readUInt16LE(6) * VIRTUAL_SECTOR_BYTES;
  const inside = entry.platform === "efi" ? fatBytes(await read(start, VIRTUAL_SECTOR_BYTES)) : 0;
  return Math.max(loaded, inside, SECTOR_BYTES);
}

/** The size that a FAT's parameter block gives; 0 where there is none. */
function fatBytes(sector: Buffer): number {
  if (sector.length < VIRTUAL_SECTOR_BYTES || sector.readUInt16LE(510) !== 0xaa55) return 0;
  const sectorBytes = sector.readUInt16LE(11);
  if (![512, 1024, 2048, 4096].includes(sectorBytes)) return 0;
  return (sector.readUInt16LE(19) || sector.readUInt32LE(32)) * sectorBytes;
}
