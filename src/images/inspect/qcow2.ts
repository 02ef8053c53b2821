import { inflateCluster } from "./inflate.ts";
import { isCutShort } from "./qcow2-end.ts";
import {
  COMPRESSED,
  compressedAt,
  OFFSET_MASK,
  offsetBitsOf,
  type Qcow2Header,
  ZEROS,
} from "./qcow2-entry.ts";
import type { ReadAt } from "./read-at.ts";

/** A qcow2 header as far as reading the disk behind it goes (qemu, docs/interop/qcow2.rst). */
export interface Qcow2 {
  diskBytes: number;
  /** Why it must not be opened; null when it may. */
  danger: string | null;
  read: ReadAt;
}

const HEADER_BYTES = 112;
/** Bits of `incompatible_features`: dirty and corrupt, an external data file, a compression type, subclusters. */
const FEATURES = { corrupt: 2n, dataFile: 4n, zstd: 8n, subclusters: 16n, known: 31n };
/** Cluster sizes that qemu takes: 512 bytes to 2 MiB. */
const CLUSTER_BITS = { least: 9, most: 21 };

/** @returns what the header says; a damaged one is a danger, never an exception */
export async function openQcow2(read: ReadAt): Promise<Qcow2> {
  const bytes = Buffer.alloc(HEADER_BYTES);
  (await read(0, HEADER_BYTES)).copy(bytes);
  const danger = dangerOf(bytes);
  const header = parse(bytes);
  if (header === undefined) return { diskBytes: 0, danger: danger ?? "its header is damaged", read: noBytes };
  const isCut = danger === null && (await isCutShort(read, header));
  const problem = isCut ? "it ends before its data do (cut short?)" : danger;
  const { diskBytes } = header;
  return { diskBytes, danger: problem, read: problem === null ? guestReader(read, header) : noBytes };
}

const noBytes: ReadAt = async () => Buffer.alloc(0);

function featuresOf(bytes: Buffer): bigint {
  return bytes.readUInt32BE(4) >= 3 ? bytes.readBigUInt64BE(72) : 0n;
}

/** What would make a reader open another file, or read what is not there. */
function dangerOf(bytes: Buffer): string | null {
  const version = bytes.readUInt32BE(4);
  const features = featuresOf(bytes);
  if (version !== 2 && version !== 3) return `it has version ${version} of the format`;
  if (bytes.readBigUInt64BE(8) !== 0n) return "it names a backing file";
  if ((features & FEATURES.dataFile) !== 0n) return "its data is in another file";
  if ((features & ~FEATURES.known) !== 0n)
    return `it uses features that are not known (0x${(features & ~FEATURES.known).toString(16)})`;
  if ((features & FEATURES.corrupt) !== 0n) return "it is marked as damaged";
  if (bytes.readUInt32BE(32) !== 0) return "it is encrypted";
  return null;
}

function parse(bytes: Buffer): Qcow2Header | undefined {
  const clusterBits = bytes.readUInt32BE(20);
  if (clusterBits < CLUSTER_BITS.least || clusterBits > CLUSTER_BITS.most) return undefined;
  const diskBytes = Number(bytes.readBigUInt64BE(24));
  const l1At = Number(bytes.readBigUInt64BE(40));
  if (!Number.isSafeInteger(diskBytes) || !Number.isSafeInteger(l1At)) return undefined;
  const features = featuresOf(bytes);
  const hasSubclusters = (features & FEATURES.subclusters) !== 0n;
  const isZstd = (features & FEATURES.zstd) !== 0n && bytes[104] === 1;
  return { clusterBits, diskBytes, l1At, l1Entries: bytes.readUInt32BE(36), hasSubclusters, isZstd };
}

/** Reads the disk behind the tables, a cluster at a time; what the file does not hold ends the answer early. */
function guestReader(read: ReadAt, header: Qcow2Header): ReadAt {
  const clusterBytes = 2 ** header.clusterBits;
  const unitBytes = header.hasSubclusters ? clusterBytes / 32 : clusterBytes;
  return async (offset, length) => {
    const end = Math.min(offset + length, header.diskBytes);
    const parts: Buffer[] = [];
    for (let at = offset; at < end; ) {
      const wanted = Math.min(end, (Math.floor(at / unitBytes) + 1) * unitBytes) - at;
      const part = await readUnit(read, header, at, wanted);
      if (part.length < wanted) break;
      parts.push(part);
      at += wanted;
    }
    return Buffer.concat(parts);
  };
}

async function readUnit(read: ReadAt, header: Qcow2Header, at: number, length: number): Promise<Buffer> {
  const clusterBytes = 2 ** header.clusterBits;
  const entryBytes = header.hasSubclusters ? 16 : 8;
  const l2Entries = clusterBytes / entryBytes;
  const cluster = Math.floor(at / clusterBytes);
  const inside = at % clusterBytes;
  const l1Index = Math.floor(cluster / l2Entries);
  if (l1Index >= header.l1Entries) return Buffer.alloc(0);
  const l1 = await read(header.l1At + l1Index * 8, 8);
  if (l1.length < 8) return Buffer.alloc(0);
  const l2At = Number(l1.readBigUInt64BE(0) & OFFSET_MASK);
  if (l2At === 0) return Buffer.alloc(length);
  const l2 = await read(l2At + (cluster % l2Entries) * entryBytes, entryBytes);
  if (l2.length < entryBytes) return Buffer.alloc(0);
  const entry = l2.readBigUInt64BE(0);
  if ((entry & COMPRESSED) !== 0n)
    return (await inflate(read, header, entry)).subarray(inside, inside + length);
  const bitmap = header.hasSubclusters ? l2.readBigUInt64BE(8) : undefined;
  const dataAt = Number(entry & OFFSET_MASK);
  if (dataAt === 0 || readsAsZeros(entry, bitmap, Math.floor((inside * 32) / clusterBytes)))
    return Buffer.alloc(length);
  return read(dataAt + inside, length);
}

/** With subclusters, each has a bit for `allocated` and, 32 higher, one for `zeros`. */
function readsAsZeros(entry: bigint, bitmap: bigint | undefined, subcluster: number): boolean {
  if (bitmap === undefined) return (entry & ZEROS) !== 0n;
  const isAllocated = (bitmap >> BigInt(subcluster)) & 1n;
  const isZeros = (bitmap >> BigInt(subcluster + 32)) & 1n;
  return isZeros === 1n || isAllocated === 0n;
}

/** A compressed cluster; empty when it does not unpack to what a cluster may hold. */
async function inflate(read: ReadAt, header: Qcow2Header, entry: bigint): Promise<Buffer> {
  const { clusterBits, isZstd } = header;
  const at = compressedAt(entry, header);
  const sectors = Number((entry & (COMPRESSED - 1n)) >> offsetBitsOf(header)) + 1;
  const packed = await read(at, sectors * 512 - (at % 512));
  return inflateCluster(packed, isZstd ? "zstd" : "deflate", 2 ** clusterBits);
}
