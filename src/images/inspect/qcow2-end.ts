import { COMPRESSED, compressedAt, OFFSET_MASK, type Qcow2Header, ZEROS } from "./qcow2-entry.ts";
import type { ReadAt } from "./read-at.ts";

/** Of the first table: that of a disk of 8 TiB in clusters of the usual size. */
const L1_BYTES_MOST = 128 * 1024;

/**
 * Whether the file of a qcow2 ends before what it refers to does: what reads it would take zeros for what is missing.
 * Files grow while they are written, so the last of the tables leads to what lies last.
 */
export async function isCutShort(read: ReadAt, header: Qcow2Header): Promise<boolean> {
  const l1Bytes = Math.min(header.l1Entries * 8, L1_BYTES_MOST);
  const l1 = await read(header.l1At, l1Bytes);
  if (l1.length < l1Bytes) return true;
  const tableAt = last(l1, 8, (entry) => Number(entry & OFFSET_MASK));
  if (tableAt === 0) return false;
  const tableBytes = 2 ** header.clusterBits;
  const table = await read(tableAt, tableBytes);
  if (table.length < tableBytes) return true;
  const dataAt = last(table, header.hasSubclusters ? 16 : 8, (entry, at) => {
    if ((entry & COMPRESSED) !== 0n) return compressedAt(entry, header);
    const isAbsent = header.hasSubclusters ? table.readUInt32BE(at + 12) === 0 : (entry & ZEROS) !== 0n;
    return isAbsent ? 0 : Number(entry & OFFSET_MASK);
  });
  return dataAt !== 0 && (await read(dataAt, 1)).length === 0;
}

/** The largest offset in a table; 0 where it names none. */
function last(table: Buffer, entryBytes: number, offsetOf: (entry: bigint, at: number) => number): number {
  let largest = 0;
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes)
    largest = Math.max(largest, offsetOf(table.readBigUInt64BE(at), at));
  return largest;
}
