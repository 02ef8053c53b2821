import { crc32 } from "node:zlib";

/** What a made disk has on it. */
export interface MadeDisk {
  table?: "gpt" | "mbr";
  /** An EFI system partition beside the one that is always there. */
  efi?: boolean;
  /** Code in the first sector. */
  bootCode?: boolean;
  sizeBytes?: number;
  sectorBytes?: 512 | 4096;
}

const SIZE_BYTES = 1024 * 1024;
/** Partition type GUIDs (UEFI 2.10, 5.3.3) as they stand on disk. */
const TYPES = { efi: "28732ac11ff8d211ba4b00a0c93ec93b", linux: "af3dc60f838472478e793d69d8477de4" };
const ENTRIES = 128;
const ENTRY_BYTES = 128;

/** Makes a small raw disk with a partition table by the standards, without any tool; its partitions are empty. */
export function makeDisk(disk: MadeDisk = {}): Buffer {
  const bytes = Buffer.alloc(disk.sizeBytes ?? SIZE_BYTES);
  if (disk.bootCode === true) bytes.write("\xfa\x31\xc0\x8e\xd0", 0, "latin1");
  bytes.writeUInt16LE(0xaa55, 510);
  if ((disk.table ?? "gpt") === "mbr") {
    writeMbrEntry(bytes, 0, { type: 0x83, start: 512, sectors: 100 });
    if (disk.efi === true) writeMbrEntry(bytes, 1, { type: 0xef, start: 256, sectors: 100 });
    return bytes;
  }
  writeMbrEntry(bytes, 0, { type: 0xee, start: 1, sectors: 0xffffffff });
  writeGpt(bytes, disk.sectorBytes ?? 512, disk.efi === true ? ["linux", "efi"] : ["linux"]);
  return bytes;
}

function writeMbrEntry(
  bytes: Buffer,
  index: number,
  { type, start, sectors }: { type: number; start: number; sectors: number },
): void {
  const at = 446 + index * 16;
  bytes[at + 4] = type;
  bytes.writeUInt32LE(start, at + 8);
  bytes.writeUInt32LE(sectors, at + 12);
}

function writeGpt(bytes: Buffer, sectorBytes: number, partitions: readonly (keyof typeof TYPES)[]): void {
  const table = Buffer.alloc(ENTRIES * ENTRY_BYTES);
  for (const [index, type] of partitions.entries()) {
    const at = index * ENTRY_BYTES;
    table.write(TYPES[type], at, "hex");
    table.writeBigUInt64LE(BigInt(index + 40), at + 32);
    table.writeBigUInt64LE(BigInt(index + 40), at + 40);
  }
  table.copy(bytes, 2 * sectorBytes);
  const header = bytes.subarray(sectorBytes, sectorBytes + 92);
  header.write("EFI PART", 0, "latin1");
  header.writeUInt32LE(0x10000, 8);
  header.writeUInt32LE(92, 12);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(2n, 72);
  header.writeUInt32LE(ENTRIES, 80);
  header.writeUInt32LE(ENTRY_BYTES, 84);
  header.writeUInt32LE(crc32(table), 88);
  sealGptHeader(bytes, sectorBytes);
}

/** Writes the header's own sum anew, after a change. */
export function sealGptHeader(bytes: Buffer, sectorBytes = 512): void {
  const header = bytes.subarray(sectorBytes, sectorBytes + 92);
  header.writeUInt32LE(0, 16);
  header.writeUInt32LE(crc32(header), 16);
}

const CLUSTER = 65_536;

/** Where its parts are, in clusters: the header, both tables, the counts of references and their table. */
const AT = { l1: 1, l2: 2, countTable: 3, counts: 4, data: 5 };

/** Makes a qcow2 (docs/interop/qcow2.rst) of version 3 around a disk of at most 512 MiB, each cluster as it is. */
export function makeQcow2(disk: Buffer): Buffer {
  const clusters = Math.ceil(disk.length / CLUSTER);
  const bytes = Buffer.alloc((AT.data + clusters) * CLUSTER);
  const place = (value: number, at: number): unknown => bytes.writeBigUInt64BE(BigInt(value), at);
  bytes.write("QFI\xfb", 0, "latin1");
  bytes.writeUInt32BE(3, 4);
  bytes.writeUInt32BE(16, 20);
  place(disk.length, 24);
  bytes.writeUInt32BE(1, 36);
  place(AT.l1 * CLUSTER, 40);
  place(AT.countTable * CLUSTER, 48);
  bytes.writeUInt32BE(1, 56);
  bytes.writeUInt32BE(4, 96);
  bytes.writeUInt32BE(112, 100);
  place(AT.counts * CLUSTER, AT.countTable * CLUSTER);
  for (let cluster = 0; cluster < AT.data + clusters; cluster += 1)
    bytes.writeUInt16BE(1, AT.counts * CLUSTER + cluster * 2);
  const owned = 1n << 63n;
  bytes.writeBigUInt64BE(owned | BigInt(AT.l2 * CLUSTER), AT.l1 * CLUSTER);
  for (let index = 0; index < clusters; index += 1) {
    const at = (AT.data + index) * CLUSTER;
    bytes.writeBigUInt64BE(owned | BigInt(at), AT.l2 * CLUSTER + index * 8);
    disk.copy(bytes, at, index * CLUSTER, (index + 1) * CLUSTER);
  }
  return bytes;
}
