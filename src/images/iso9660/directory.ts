import { SECTOR_BYTES } from "../el-torito.ts";
import type { ReadAt } from "../inspect/read-at.ts";
import { damaged } from "./damage.ts";
import { plainName } from "./names.ts";
import { DIRECTORY_FLAG, type DirectoryRecord, doesContinue, nameBytesOf, systemUseOf } from "./record.ts";
import { readSystemUse } from "./system-use.ts";
import type { Volume } from "./volumes.ts";

/** Where a directory lies, in blocks of its volume. */
export interface Place {
  block: number;
  sizeBytes: number;
}

/** A directory of a hundred thousand files; what is larger is not read. */
const LARGEST_BYTES = 16 * 1024 * 1024;

/**
 * Reads a directory's records in order, its own two first.
 *
 * @param skip bytes at the start of each system use area that are not ours (SUSP, 5.3); undefined: there is no such area
 * @throws ImageError `iso-damaged`
 */
export async function readDirectory(
  read: ReadAt,
  volume: Volume,
  place: Place,
  skip: number | undefined,
): Promise<DirectoryRecord[]> {
  if (place.sizeBytes > LARGEST_BYTES) throw damaged("a directory is larger than any can be");
  const bytes = await read((place.block + volume.originBlock) * SECTOR_BYTES, place.sizeBytes);
  if (bytes.length < place.sizeBytes) throw damaged("a directory lies behind its end");
  const records: DirectoryRecord[] = [];
  for (const raw of splitRecords(bytes)) records.push(await understand(read, volume, raw, skip));
  if (records[0]?.name !== "." || records[1]?.name !== "..")
    throw damaged("a directory does not begin with itself and its parent");
  return records;
}

/** Records never cross a block; a length of zero means that the next one begins the next block (ECMA-119, 6.8.1). */
function splitRecords(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at]!;
    const blockEnd = Math.floor(at / SECTOR_BYTES) * SECTOR_BYTES + SECTOR_BYTES;
    if (length === 0) {
      at = blockEnd;
      continue;
    }
    if (length < 34 || at + length > blockEnd || 33 + bytes[at + 32]! > length)
      throw damaged("a directory record is longer than what holds it");
    records.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
  return records;
}

async function understand(
  read: ReadAt,
  volume: Volume,
  raw: Buffer,
  skip: number | undefined,
): Promise<DirectoryRecord> {
  const plain = plainName(nameBytesOf(raw), volume.kind);
  const isOwn = plain === "." || plain === "..";
  // Its own two have what is theirs read by those who need it: their continuations are long and say nothing of names.
  const use =
    skip === undefined || isOwn
      ? undefined
      : await readSystemUse(read, systemUseOf(raw).subarray(skip), volume.originBlock);
  return {
    raw,
    name: use?.name ?? plain,
    isDirectory: (raw[25]! & DIRECTORY_FLAG) !== 0,
    continues: doesContinue(raw),
    isZisofs: use?.signatures.includes("ZF") ?? false,
    isMoved: use?.signatures.includes("CL") ?? false,
  };
}

/** Puts records into blocks, none across two. */
export function packRecords(records: readonly DirectoryRecord[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { raw } of records) {
    const left = SECTOR_BYTES - (at % SECTOR_BYTES);
    if (raw.length > left) {
      parts.push(Buffer.alloc(left));
      at += left;
    }
    parts.push(raw);
    at += raw.length;
  }
  parts.push(Buffer.alloc((SECTOR_BYTES - (at % SECTOR_BYTES)) % SECTOR_BYTES));
  return Buffer.concat(parts);
}
