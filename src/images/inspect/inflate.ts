import { constants, inflateRawSync, zstdDecompressSync } from "node:zlib";

/**
 * Unpacks a compressed cluster of a qcow2. What follows the stream in its last sector is left alone.
 *
 * @param maxOutputLength size of a cluster; a stream that would give more is not unpacked
 * @returns an empty buffer when the bytes are no such stream
 */
export function inflateCluster(packed: Buffer, how: "deflate" | "zstd", maxOutputLength: number): Buffer {
  try {
    if (how === "zstd")
      return zstdDecompressSync(packed.subarray(0, frameBytes(packed)), { maxOutputLength });
    // The stream need not be ended either.
    return inflateRawSync(packed, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}

/** Length of the zstd frame that the bytes begin with (RFC 8878, 3.1.1): zlib takes nothing behind it. */
function frameBytes(packed: Buffer): number {
  const descriptor = packed.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 2 ** sizeFlag;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  let at = 5 + Number(!isSingleSegment) + dictionaryBytes + sizeBytes;
  for (let isLast = false; !isLast; ) {
    const block = packed.readUIntLE(at, 3);
    isLast = (block & 1) === 1;
    const isRepeated = ((block >> 1) & 3) === 1;
    at += 3 + (isRepeated ? 1 : block >> 3);
  }
  const checksumBytes = (descriptor & 4) === 0 ? 0 : 4;
  return at + checksumBytes;
}
