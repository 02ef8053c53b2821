import type { FileHandle } from "node:fs/promises";

/** Reads at most `length` bytes at an offset; fewer at the end of the file, none behind it. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

/** A reader that never asks for a byte outside of the file. */
export function readerOf(handle: FileHandle, size: number): ReadAt {
  return async (offset, length) => {
    const wanted = Math.max(0, Math.min(length, size - offset));
    const buffer = Buffer.alloc(wanted);
    if (wanted === 0) return buffer;
    const { bytesRead } = await handle.read(buffer, 0, wanted, offset);
    return buffer.subarray(0, bytesRead);
  };
}

/** The characters of a field that a person can read; a hostile name must not reach a terminal or a log as it is. */
export function plainText(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replaceAll(/[^\x20-\x7e]/g, "")
    .trim();
}
