import { FAT_SECTOR_BYTES, FATS, RESERVED_SECTORS, ROOT_ENTRIES, type Shape } from "./shape.ts";

/** The boot sector, which holds no code (FAT specification, "Boot Sector and BPB"). */
export function bootSector(shape: Shape, label: string): Buffer {
  const sector = Buffer.alloc(FAT_SECTOR_BYTES);
  sector.write("\xeb\x3c\x90TRAYLOAD", 0, "latin1");
  sector.writeUInt16LE(FAT_SECTOR_BYTES, 11);
  sector.writeUInt8(shape.clusterBytes / FAT_SECTOR_BYTES, 13);
  sector.writeUInt16LE(RESERVED_SECTORS, 14);
  sector.writeUInt8(FATS, 16);
  sector.writeUInt16LE(ROOT_ENTRIES, 17);
  if (shape.sectors < 0x10000) sector.writeUInt16LE(shape.sectors, 19);
  else sector.writeUInt32LE(shape.sectors, 32);
  sector.writeUInt8(0xf8, 21);
  sector.writeUInt16LE(shape.fatSectors, 22);
  // Geometry that nobody uses, but some check.
  sector.writeUInt16LE(32, 24);
  sector.writeUInt16LE(64, 26);
  sector.writeUInt8(0x80, 36);
  sector.writeUInt8(0x29, 38);
  sector.writeUInt32LE(SERIAL, 39);
  sector.write(fatLabel(label) + `FAT${shape.bits}`.padEnd(8), 43, "latin1");
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** "TRAY": a number of its own for each image would make equal images unequal. */
const SERIAL = 0x5941_5254;

export function fatLabel(label: string): string {
  return label.toUpperCase().slice(0, 11).padEnd(11);
}

/** Runs of clusters, one behind the other from cluster 2 on, as one file allocation table. */
export function allocationTable(shape: Shape, runs: readonly number[]): Buffer {
  const table = Buffer.alloc(shape.fatSectors * FAT_SECTOR_BYTES);
  const end = shape.bits === 12 ? 0xfff : 0xffff;
  const put = shape.bits === 12 ? put12 : put16;
  put(table, 0, end - 7);
  put(table, 1, end);
  let cluster = 2;
  for (const length of runs)
    for (let left = length; left > 0; left -= 1, cluster += 1)
      put(table, cluster, left === 1 ? end : cluster + 1);
  return table;
}

function put16(table: Buffer, cluster: number, value: number): void {
  table.writeUInt16LE(value, cluster * 2);
}

/** Two entries share three bytes. */
function put12(table: Buffer, cluster: number, value: number): void {
  const offset = Math.floor(cluster * 1.5);
  const both = table.readUInt16LE(offset);
  table.writeUInt16LE(cluster % 2 === 0 ? (both & 0xf000) | value : (both & 0x000f) | (value << 4), offset);
}
