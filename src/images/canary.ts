import { createHash } from "node:crypto";
import type { Disc } from "./disc.ts";

const SECTOR = 2048;
const SIZE = 2 ** 20;
/** ECMA-119, 6.2.1: the system area is 16 sectors. */
const FIRST = 16 * SECTOR;

/** A disc of 1 MiB with an empty ISO 9660 volume, to see whether a BMC reads what it is given. It boots nothing. */
export function canaryDisc(id: string): Disc {
  const volume = descriptors();
  const before: Disc["extents"][number] = { kind: "zeros", length: FIRST };
  const bytes = { kind: "bytes" as const, base64: volume.toString("base64"), length: volume.length };
  const after = { kind: "zeros" as const, length: SIZE - FIRST - volume.length };
  return {
    id,
    sizeBytes: SIZE,
    extents: [before, bytes, after],
    etag: `sha256-${createHash("sha256").update(volume).digest("hex")}`,
    boot: { catalogue: { start: 0, end: 0 }, images: [] },
  };
}

/** ECMA-119, 8.4 and 8.3: the primary volume descriptor with its root directory, and the end of descriptors. */
function descriptors(): Buffer {
  const volume = Buffer.alloc(3 * SECTOR);
  volume.write("\u0001CD001\u0001", 0, "latin1");
  volume.write("TRAYLOAD_CANARY".padEnd(32), 40, "latin1");
  both32(volume, 80, SIZE / SECTOR);
  both16(volume, 120, 1);
  both16(volume, 124, 1);
  both16(volume, 128, SECTOR);
  const root = directory(18);
  root.copy(volume, 156);
  volume.writeUInt8(1, 881);
  volume.write("\u00ffCD001\u0001", SECTOR, "latin1");
  // The directory itself: its entries for itself and for its parent.
  root.copy(volume, 2 * SECTOR);
  const parent = Buffer.from(root);
  parent.writeUInt8(1, 33);
  parent.copy(volume, 2 * SECTOR + root.length);
  return volume;
}

/** ECMA-119, 9.1: the record of a directory that lies in one sector. */
function directory(sector: number): Buffer {
  const record = Buffer.alloc(34);
  record.writeUInt8(record.length, 0);
  both32(record, 2, sector);
  both32(record, 10, SECTOR);
  record.writeUInt8(2, 25);
  both16(record, 28, 1);
  record.writeUInt8(1, 32);
  return record;
}

/** ECMA-119, 7.2.3 and 7.3.3: both byte orders, one after the other. */
function both16(buffer: Buffer, at: number, value: number): void {
  buffer.writeUInt16LE(value, at);
  buffer.writeUInt16BE(value, at + 2);
}

function both32(buffer: Buffer, at: number, value: number): void {
  buffer.writeUInt32LE(value, at);
  buffer.writeUInt32BE(value, at + 4);
}
