import { crc32 } from "node:zlib";
import { GPT_EFI, MBR_EFI, MBR_ENTRIES_AT, MBR_PROTECTIVE } from "../partition-types.ts";
import type { ReadAt } from "./read-at.ts";

/** What firmware finds at the start of a disk. */
export interface DiskLayout {
  table: "gpt" | "mbr" | "none";
  partitions: number;
  /** A partition of the ESP's type that begins within the disk: what UEFI boots from. */
  hasEfiPartition: boolean;
  /** Code in the first sector: what a BIOS boots. */
  hasBootCode: boolean;
  /** What is wrong with the table, so that firmware may not take it; null when nothing is. */
  problem: string | null;
}

const SECTOR_BYTES = 512;
const CODE_BYTES = 440;
/** Sectors of disks that exist (UEFI 2.10, 5.3.2: the header stands in sector 1). */
const GPT_SECTORS = [512, 4096];
/** A header is 92 bytes; more than one sector it cannot be. */
const GPT_HEADER_BYTES = 92;
/** Eight times what partitioners reserve. */
const GPT_ENTRIES_BYTES = 128 * 1024;

interface MbrEntry {
  type: number;
  startSector: number;
  sectors: number;
}

const CUT_SHORT = "it ends before its partitions do (cut short?)";

/** Reads the partition table of a disk; at most 140 KiB are read whatever it says. */
export async function readLayout(read: ReadAt, diskBytes: number): Promise<DiskLayout> {
  const first = await read(0, SECTOR_BYTES);
  const hasBootCode = first.subarray(0, CODE_BYTES).some((byte) => byte !== 0);
  const entries = readMbr(first) ?? [];
  const hasSignature = first.length === SECTOR_BYTES && first.readUInt16LE(510) === 0xaa55;
  const gpt = await findGpt(read);
  const isProtective = entries.some(({ type }) => type === MBR_PROTECTIVE);
  // A header that was left behind when the disk got another table is not looked at by firmware either.
  if (gpt !== undefined && (isProtective || entries.length === 0)) {
    const problem = isProtective ? null : "it has no protective MBR";
    return readGpt(read, gpt, { diskBytes, hasBootCode, problem });
  }
  const hasEfiPartition = entries.some(
    ({ type, startSector }) => type === MBR_EFI && startSector * SECTOR_BYTES < diskBytes,
  );
  const isWhole = entries.every((entry) => (entry.startSector + entry.sectors) * SECTOR_BYTES <= diskBytes);
  const problem = isProtective ? "its MBR announces a GPT that is not there" : isWhole ? null : CUT_SHORT;
  const table = hasSignature ? "mbr" : "none";
  return { table, partitions: entries.length, hasEfiPartition, hasBootCode, problem };
}

/** @returns undefined when the first sector is no MBR; a boot sector of a file system has its signature too */
function readMbr(sector: Buffer): MbrEntry[] | undefined {
  if (sector.length < SECTOR_BYTES || sector.readUInt16LE(510) !== 0xaa55) return undefined;
  const entries: MbrEntry[] = [];
  for (let at = MBR_ENTRIES_AT; at < 510; at += 16) {
    if ((sector[at]! & 0x7f) !== 0) return undefined;
    const entry = {
      type: sector[at + 4]!,
      startSector: sector.readUInt32LE(at + 8),
      sectors: sector.readUInt32LE(at + 12),
    };
    if (entry.type !== 0 && entry.sectors > 0) entries.push(entry);
  }
  return entries;
}

interface GptHeader {
  bytes: Buffer;
  sectorBytes: number;
}

async function findGpt(read: ReadAt): Promise<GptHeader | undefined> {
  for (const sectorBytes of GPT_SECTORS) {
    const bytes = await read(sectorBytes, SECTOR_BYTES);
    if (bytes.length === SECTOR_BYTES && bytes.toString("latin1", 0, 8) === "EFI PART")
      return { bytes, sectorBytes };
  }
  return undefined;
}

async function readGpt(
  read: ReadAt,
  header: GptHeader,
  known: { diskBytes: number; hasBootCode: boolean; problem: string | null },
): Promise<DiskLayout> {
  const { hasBootCode } = known;
  const found = await readGptEntries(read, header);
  if (typeof found === "string")
    return { table: "gpt", partitions: 0, hasEfiPartition: false, hasBootCode, problem: found };
  const used = found.filter((entry) => entry.subarray(0, 16).some((byte) => byte !== 0));
  const hasEfiPartition = used.some(
    (entry) =>
      entry.toString("hex", 0, 16) === GPT_EFI &&
      Number(entry.readBigUInt64LE(32)) * header.sectorBytes < known.diskBytes,
  );
  const isWhole = used.every(
    (entry) => (Number(entry.readBigUInt64LE(40)) + 1) * header.sectorBytes <= known.diskBytes,
  );
  const problem = known.problem ?? (isWhole ? null : CUT_SHORT);
  return { table: "gpt", partitions: used.length, hasEfiPartition, hasBootCode, problem };
}

/** The entries, or what is wrong: firmware checks both sums (UEFI 2.10, 5.3.2) and then looks for the copy at the end. */
async function readGptEntries(read: ReadAt, { bytes, sectorBytes }: GptHeader): Promise<Buffer[] | string> {
  const headerBytes = bytes.readUInt32LE(12);
  if (headerBytes < GPT_HEADER_BYTES || headerBytes > SECTOR_BYTES) return "its GPT header is damaged";
  const summed = Buffer.from(bytes.subarray(0, headerBytes));
  summed.writeUInt32LE(0, 16);
  if (crc32(summed) !== bytes.readUInt32LE(16)) return "its GPT header is damaged";
  const count = bytes.readUInt32LE(80);
  const entryBytes = bytes.readUInt32LE(84);
  if (entryBytes < 128 || count === 0 || count * entryBytes > GPT_ENTRIES_BYTES)
    return "its GPT has a table of impossible size";
  const table = await read(Number(bytes.readBigUInt64LE(72)) * sectorBytes, count * entryBytes);
  if (table.length < count * entryBytes) return "its partition table lies behind its end (cut short?)";
  if (crc32(table) !== bytes.readUInt32LE(88)) return "its partition table is damaged";
  return Array.from({ length: count }, (_, at) => table.subarray(at * entryBytes, (at + 1) * entryBytes));
}
