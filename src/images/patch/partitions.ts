import type { ReadAt } from "../inspect/read-at.ts";
import { GPT_EFI, MBR_EFI, MBR_ENTRIES_AT, MBR_PROTECTIVE } from "../partition-types.ts";

/** A partition of a hybrid image, which counts when a BMC shows the image as a disk. */
export interface Partition {
  startByte: number;
  /** Firmware looks for a FAT in it. */
  isEfi: boolean;
  /** Where its length in 512-byte sectors stands; undefined in a GPT. */
  sizeAt: number | undefined;
}

const SECTOR = 512;
/** Hybrid images have two or three entries. */
const GPT_ENTRIES_READ = 16;

/** The partitions of MBR and GPT; an image without a partition table has none. */
export async function readPartitions(read: ReadAt): Promise<{ partitions: Partition[]; hasGpt: boolean }> {
  const start = await read(0, 2 * SECTOR);
  if (start.length < 2 * SECTOR || start.readUInt16LE(510) !== 0xaa55)
    return { partitions: [], hasGpt: false };
  const hasGpt = start.toString("latin1", SECTOR, SECTOR + 8) === "EFI PART";
  const partitions = readMbr(start);
  if (hasGpt) partitions.push(...(await readGpt(read, start.subarray(SECTOR))));
  return { partitions, hasGpt };
}

function readMbr(sector: Buffer): Partition[] {
  const partitions: Partition[] = [];
  for (let index = 0; index < 4; index += 1) {
    const at = MBR_ENTRIES_AT + 16 * index;
    const type = sector[at + 4]!;
    if (sector.readUInt32LE(at + 12) === 0 || type === MBR_PROTECTIVE) continue;
    partitions.push({
      startByte: sector.readUInt32LE(at + 8) * SECTOR,
      isEfi: type === MBR_EFI,
      sizeAt: at + 12,
    });
  }
  return partitions;
}

async function readGpt(read: ReadAt, header: Buffer): Promise<Partition[]> {
  const entryBytes = header.readUInt32LE(84);
  const count = Math.min(header.readUInt32LE(80), GPT_ENTRIES_READ);
  const array = Number(header.readBigUInt64LE(72)) * SECTOR;
  if (entryBytes < 128 || entryBytes > 4096 || !Number.isSafeInteger(array)) return [];
  const bytes = await read(array, count * entryBytes);
  const partitions: Partition[] = [];
  for (let at = 0; at + 128 <= bytes.length; at += entryBytes) {
    const type = bytes.toString("hex", at, at + 16);
    const startByte = Number(bytes.readBigUInt64LE(at + 32)) * SECTOR;
    if (/^0+$/.test(type) || !Number.isSafeInteger(startByte)) continue;
    partitions.push({ startByte, isEfi: type === GPT_EFI, sizeAt: undefined });
  }
  return partitions;
}
