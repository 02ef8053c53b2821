/** The fields of a header that lead to the data. */
export interface Qcow2Header {
  clusterBits: number;
  diskBytes: number;
  l1At: number;
  l1Entries: number;
  hasSubclusters: boolean;
  isZstd: boolean;
}

/** The offset in an entry of either table (qemu, docs/interop/qcow2.rst). */
export const OFFSET_MASK = 0x00ff_ffff_ffff_fe00n;
/** Of an entry of the second table: it has another form then. */
export const COMPRESSED = 1n << 62n;
/** Of one of the second table, without subclusters: it reads as zeros, whatever is there. */
export const ZEROS = 1n;

/** How many bits of a compressed cluster's entry are its offset. */
export const offsetBitsOf = ({ clusterBits }: Qcow2Header): bigint => BigInt(62 - (clusterBits - 8));

/** Where a compressed cluster begins. */
export function compressedAt(entry: bigint, header: Qcow2Header): number {
  return Number(entry & ((1n << offsetBitsOf(header)) - 1n));
}
