import { damaged } from "../iso9660/damage.ts";
import type { ReadAt } from "../inspect/read-at.ts";

/** How a FAT file system is laid out (Microsoft FAT specification 1.03, sections 3 and 4). */
export interface FatLayout {
  /** Byte offset of the file system on the medium. */
  start: number;
  bits: 12 | 16 | 32;
  sectorBytes: number;
  clusterBytes: number;
  /** Byte offsets, from the file system's start, of each copy of the table, and its length. */
  tables: number[];
  tableBytes: number;
  /** The fixed root directory of FAT12 and FAT16; on FAT32 its first cluster. */
  root: { at: number; bytes: number } | { cluster: number };
  dataAt: number;
  /** Clusters are numbered from 2 to this, inclusive. */
  lastCluster: number;
  /** Where FAT32 keeps its count of free clusters; undefined elsewhere. */
  infoAt: number | undefined;
}

/** Reads the parameter block at a place; undefined where it is no FAT file system. */
export async function readFatLayout(read: ReadAt, start: number): Promise<FatLayout | undefined> {
  const sector = await read(start, 512);
  if (sector.length < 512 || sector.readUInt16LE(510) !== 0xaa55) return undefined;
  const sectorBytes = sector.readUInt16LE(11);
  const perCluster = sector[13]!;
  const reserved = sector.readUInt16LE(14);
  const copies = sector[16]!;
  const rootEntries = sector.readUInt16LE(17);
  const total = sector.readUInt16LE(19) || sector.readUInt32LE(32);
  const tableSectors = sector.readUInt16LE(22) || sector.readUInt32LE(36);
  if (
    ![512, 1024, 2048, 4096].includes(sectorBytes) ||
    perCluster === 0 ||
    (perCluster & (perCluster - 1)) !== 0
  )
    return undefined;
  if (reserved === 0 || copies === 0 || copies > 2 || tableSectors === 0) return undefined;
  const rootSectors = Math.ceil((rootEntries * 32) / sectorBytes);
  const dataSector = reserved + copies * tableSectors + rootSectors;
  const clusters = Math.floor((total - dataSector) / perCluster);
  if (clusters < 1) return undefined;
  const bits = clusters < 4085 ? 12 : clusters < 65525 ? 16 : 32;
  const tableBytes = tableSectors * sectorBytes;
  const lastCluster = Math.min(clusters + 1, Math.floor((tableBytes * 8) / bits) - 1);
  return {
    start,
    bits,
    sectorBytes,
    clusterBytes: perCluster * sectorBytes,
    tables: Array.from({ length: copies }, (_, copy) => (reserved + copy * tableSectors) * sectorBytes),
    tableBytes,
    root:
      bits === 32
        ? { cluster: sector.readUInt32LE(44) }
        : { at: (reserved + copies * tableSectors) * sectorBytes, bytes: rootEntries * 32 },
    dataAt: dataSector * sectorBytes,
    lastCluster,
    infoAt: bits === 32 ? sector.readUInt16LE(48) * sectorBytes : undefined,
  };
}

/** Tables of the largest FAT12 and FAT16, and of a FAT32 of some gigabytes. */
const LARGEST_TABLE_BYTES = 4 * 1024 * 1024;

/** The first copy of the table, as numbers that can be read and changed. */
export interface FatTable {
  next(cluster: number): number;
  set(cluster: number, value: number): void;
  /** A free cluster behind this one or anywhere; undefined when all are taken. */
  findFree(): number | undefined;
  bytes: Buffer;
}

export async function readFatTable(read: ReadAt, layout: FatLayout): Promise<FatTable> {
  if (layout.tableBytes > LARGEST_TABLE_BYTES) throw damaged("the table of a FAT boot image is too large");
  const bytes = Buffer.from(await read(layout.start + layout.tables[0]!, layout.tableBytes));
  if (bytes.length < layout.tableBytes) throw damaged("a FAT boot image lies behind its end");
  let looked = 2;
  const table: FatTable = {
    bytes,
    next(cluster) {
      if (layout.bits === 16) return bytes.readUInt16LE(cluster * 2);
      if (layout.bits === 32) return bytes.readUInt32LE(cluster * 4) & 0x0fffffff;
      const pair = bytes.readUInt16LE(cluster + (cluster >> 1));
      return cluster % 2 === 0 ? pair & 0xfff : pair >> 4;
    },
    set(cluster, value) {
      if (layout.bits === 16) return void bytes.writeUInt16LE(value & 0xffff, cluster * 2);
      if (layout.bits === 32) {
        const kept = bytes.readUInt32LE(cluster * 4) & 0xf0000000;
        return void bytes.writeUInt32LE((kept | (value & 0x0fffffff)) >>> 0, cluster * 4);
      }
      const at = cluster + (cluster >> 1);
      const pair = bytes.readUInt16LE(at);
      const put = value & 0xfff;
      bytes.writeUInt16LE(cluster % 2 === 0 ? (pair & 0xf000) | put : (pair & 0xf) | (put << 4), at);
    },
    findFree() {
      for (; looked <= layout.lastCluster; looked += 1) if (table.next(looked) === 0) return looked;
      return undefined;
    },
  };
  return table;
}

/** The clusters of a file in order; a chain that leaves the table, meets a free cluster or runs in a circle is damage. */
export function chainOf(layout: FatLayout, table: FatTable, first: number): number[] {
  const chain: number[] = [];
  const seen = new Set<number>();
  const endFrom = 2 ** Math.min(layout.bits, 28) - 8;
  for (let cluster = first; cluster < endFrom; cluster = table.next(cluster)) {
    if (cluster < 2 || cluster > layout.lastCluster || seen.has(cluster))
      throw damaged("a file in its FAT boot image has no end");
    seen.add(cluster);
    chain.push(cluster);
  }
  return chain;
}

export function clusterAt(layout: FatLayout, cluster: number): number {
  return layout.start + layout.dataAt + (cluster - 2) * layout.clusterBytes;
}
