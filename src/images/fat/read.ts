import type { ReadAt } from "../inspect/read-at.ts";

/** The numbers of a FAT file system that say where things are, in bytes. */
interface Layout {
  bits: 12 | 16 | 32;
  fatOffset: number;
  fatBytes: number;
  rootOffset: number;
  rootBytes: number;
  /** Where the root stands in FAT32. */
  rootCluster: number;
  dataOffset: number;
  clusterBytes: number;
}

/** More than any boot image's directory holds; a hostile one could go round for ever. */
const DIRECTORY_BYTES = 256 * 1024;
const ENTRY_BYTES = 32;

/**
 * Whether a FAT file system has a file. Only 8.3 names are looked at, whatever their case, which is all that UEFI needs; a few
 * kilobytes are read, whatever the file holds.
 */
export async function hasFatFile(read: ReadAt, path: string): Promise<boolean> {
  const layout = readLayout(await read(0, 512));
  if (layout === undefined) return false;
  let entries = await rootEntries(read, layout);
  const names = path.split("/").filter((name) => name !== "");
  for (const [index, name] of names.entries()) {
    const found = findEntry(entries, name);
    if (found === undefined) return false;
    const isDirectory = (found.readUInt8(11) & 0x10) !== 0;
    if (index === names.length - 1) return !isDirectory;
    if (!isDirectory) return false;
    entries = await readChain(read, layout, clusterOf(found, layout));
  }
  return false;
}

/** Undefined when the sector is not the boot sector of a FAT (FAT specification, "Boot Sector and BPB"). */
function readLayout(sector: Buffer): Layout | undefined {
  if (sector.length < 512 || sector.readUInt16LE(510) !== 0xaa55) return undefined;
  const sectorBytes = sector.readUInt16LE(11);
  const clusterSectors = sector.readUInt8(13);
  if (![512, 1024, 2048, 4096].includes(sectorBytes) || clusterSectors === 0) return undefined;
  const fats = sector.readUInt8(16);
  const rootBytes = sector.readUInt16LE(17) * ENTRY_BYTES;
  const fatSectors = sector.readUInt16LE(22) || sector.readUInt32LE(36);
  const sectors = sector.readUInt16LE(19) || sector.readUInt32LE(32);
  if (fats === 0 || fatSectors === 0) return undefined;
  const fatOffset = sector.readUInt16LE(14) * sectorBytes;
  const rootOffset = fatOffset + fats * fatSectors * sectorBytes;
  const dataOffset = rootOffset + Math.ceil(rootBytes / sectorBytes) * sectorBytes;
  const clusterBytes = clusterSectors * sectorBytes;
  const clusters = Math.floor((sectors * sectorBytes - dataOffset) / clusterBytes);
  const bits = clusters < 4085 ? 12 : clusters < 65_525 ? 16 : 32;
  const rootCluster = sector.readUInt32LE(44);
  const fatBytes = fatSectors * sectorBytes;
  return { bits, fatOffset, fatBytes, rootOffset, rootBytes, rootCluster, dataOffset, clusterBytes };
}

function rootEntries(read: ReadAt, layout: Layout): Promise<Buffer> {
  if (layout.bits === 32) return readChain(read, layout, layout.rootCluster);
  return read(layout.rootOffset, Math.min(layout.rootBytes, DIRECTORY_BYTES));
}

async function readChain(read: ReadAt, layout: Layout, first: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (let cluster = first; isData(cluster, layout) && bytes < DIRECTORY_BYTES; ) {
    const part = await read(layout.dataOffset + (cluster - 2) * layout.clusterBytes, layout.clusterBytes);
    if (part.length === 0) break;
    parts.push(part);
    bytes += part.length;
    cluster = await nextCluster(read, layout, cluster);
  }
  return Buffer.concat(parts);
}

/** Neither free nor a mark of an end or a bad block. */
function isData(cluster: number, { bits }: Layout): boolean {
  return cluster >= 2 && cluster < { 12: 0xff7, 16: 0xfff7, 32: 0x0fff_fff7 }[bits];
}

async function nextCluster(read: ReadAt, layout: Layout, cluster: number): Promise<number> {
  const offset = Math.floor((cluster * layout.bits) / 8);
  const bytes = await read(layout.fatOffset + offset, 4);
  if (offset + 4 > layout.fatBytes + 4 || bytes.length < 2) return 0;
  if (layout.bits === 32) return bytes.length < 4 ? 0 : bytes.readUInt32LE(0) & 0x0fff_ffff;
  const value = bytes.readUInt16LE(0);
  if (layout.bits === 16) return value;
  return cluster % 2 === 0 ? value & 0x0fff : value >> 4;
}

function findEntry(entries: Buffer, name: string): Buffer | undefined {
  const [stem = "", extension = ""] = name.toUpperCase().split(".");
  const short = stem.padEnd(8) + extension.padEnd(3);
  for (let offset = 0; offset + ENTRY_BYTES <= entries.length; offset += ENTRY_BYTES) {
    const entry = entries.subarray(offset, offset + ENTRY_BYTES);
    if (entry[0] === 0) return undefined;
    // Neither a label nor a part of a long name.
    if ((entry.readUInt8(11) & 0x08) === 0 && entry.toString("latin1", 0, 11) === short) return entry;
  }
  return undefined;
}

function clusterOf(entry: Buffer, { bits }: Layout): number {
  const high = bits === 32 ? entry.readUInt16LE(20) : 0;
  return high * 0x10000 + entry.readUInt16LE(26);
}
