import type { FatName } from "./names.ts";

export const ENTRY_BYTES = 32;
/** 1 January 2024, midnight: equal input gives equal bytes. */
const DATE = ((2024 - 1980) << 9) | (1 << 5) | 1;
const LONG_NAME = 0x0f;
const CHARACTERS_PER_ENTRY = 13;
/** Where the characters of a long name stand in an entry. */
const PLACES = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
const LAST = 0x40;

export const ATTRIBUTE = { label: 0x08, directory: 0x10, file: 0x20 };

/** The entries of one name: those of its long name, and the one that counts (FAT specification, "FAT Directory Structure"). */
export function nameEntries(name: FatName, attribute: number, cluster: number, sizeBytes: number): Buffer {
  return Buffer.concat([...longEntries(name), shortEntry(name.short, attribute, cluster, sizeBytes)]);
}

/** How many entries a name takes. */
export function entryCount({ long }: FatName): number {
  return 1 + (long === null ? 0 : Math.ceil(long.length / CHARACTERS_PER_ENTRY));
}

export function shortEntry(short: string, attribute: number, cluster: number, sizeBytes: number): Buffer {
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry.write(short, 0, "latin1");
  entry.writeUInt8(attribute, 11);
  for (const offset of [16, 18, 24]) entry.writeUInt16LE(DATE, offset);
  entry.writeUInt16LE(cluster, 26);
  entry.writeUInt32LE(sizeBytes, 28);
  return entry;
}

/** The last part of the name comes first; each entry holds the checksum of the short name that it belongs to. */
function longEntries({ long, short }: FatName): Buffer[] {
  if (long === null) return [];
  const checksum = checksumOf(short);
  const count = Math.ceil(long.length / CHARACTERS_PER_ENTRY);
  return Array.from({ length: count }, (_, index) => {
    const number = count - index;
    const part = long.slice((number - 1) * CHARACTERS_PER_ENTRY, number * CHARACTERS_PER_ENTRY);
    const entry = Buffer.alloc(ENTRY_BYTES);
    entry.writeUInt8(index === 0 ? number | LAST : number, 0);
    entry.writeUInt8(LONG_NAME, 11);
    entry.writeUInt8(checksum, 13);
    // A zero ends a name that does not fill its entry, and then nothing but FFFF.
    for (const [place, offset] of PLACES.entries())
      entry.writeUInt16LE(
        place < part.length ? part.charCodeAt(place) : place === part.length ? 0 : 0xffff,
        offset,
      );
    return entry;
  });
}

function checksumOf(short: string): number {
  let sum = 0;
  for (const byte of Buffer.from(short, "latin1")) sum = (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff;
  return sum;
}
