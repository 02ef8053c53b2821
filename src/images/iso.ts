import { type FileHandle, open } from "node:fs/promises";
import type { ByteRange, Disc } from "./disc.ts";
import { readBootImages, SECTOR_BYTES } from "./el-torito.ts";
import { ImageError } from "./errors.ts";
import { SNIFFED_BYTES, sniff } from "./sniff.ts";

/** What an ISO 9660 image is, as far as booting goes. */
export interface IsoReport {
  volumeLabel: string;
  sizeBytes: number;
  catalogue: ByteRange;
  /** El Torito entries that can boot. */
  images: Disc["boot"]["images"];
}

/** Reads at most `length` bytes at an offset; fewer at the end of the file, none behind it. */
export type ReadAt = (offset: number, length: number) => Promise<Buffer>;

/** Volume descriptors stand from sector 16 on (ECMA-119, 8); nobody writes more than a handful. */
const FIRST_DESCRIPTOR = 16;
const DESCRIPTORS_READ = 32;

/**
 * Finds out whether a file is a bootable ISO 9660 image, and where its boot catalogue and boot images are. A few
 * kilobytes are read, whatever the file holds.
 *
 * @throws ImageError `image-not-bootable`, which says what the bytes are instead
 */
export async function inspectIso(path: string): Promise<IsoReport> {
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw notBootable(`${path} cannot be opened`, cause);
  });
  try {
    const { size } = await handle.stat();
    return await inspect(bounded(handle, size), size);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw notBootable(`${path} cannot be read`, error);
  } finally {
    await handle.close();
  }
}

/** A reader that never asks for a byte outside of the file. */
export function bounded(handle: FileHandle, size: number): ReadAt {
  return async (offset, length) => {
    const wanted = Math.max(0, Math.min(length, size - offset));
    const buffer = Buffer.alloc(wanted);
    if (wanted === 0) return buffer;
    const { bytesRead } = await handle.read(buffer, 0, wanted, offset);
    return buffer.subarray(0, bytesRead);
  };
}

async function inspect(read: ReadAt, sizeBytes: number): Promise<IsoReport> {
  const { label, catalogueSector } = await readDescriptors(read);
  if (label === undefined) {
    const start = await read(0, SNIFFED_BYTES);
    throw notBootable(`The image is not an ISO 9660 image but ${sniff(start, sizeBytes)}`);
  }
  if (catalogueSector === undefined)
    throw notBootable(`The ISO image "${label}" has no boot record (El Torito), so it holds data only`);
  const boot = await readBootImages(read, catalogueSector, sizeBytes);
  if ("problem" in boot) throw notBootable(`The ISO image "${label}" cannot boot: ${boot.problem}`);
  return { volumeLabel: label, sizeBytes, ...boot };
}

/** Label of the primary volume descriptor, and the sector of the boot catalogue (El Torito, figure 7). */
async function readDescriptors(read: ReadAt): Promise<{ label?: string; catalogueSector?: number }> {
  const found: { label?: string; catalogueSector?: number } = {};
  for (let index = 0; index < DESCRIPTORS_READ; index += 1) {
    const sector = await read((FIRST_DESCRIPTOR + index) * SECTOR_BYTES, SECTOR_BYTES);
    if (sector.length < SECTOR_BYTES || sector.toString("latin1", 1, 6) !== "CD001") break;
    const type = sector[0];
    if (type === 255) break;
    if (type === 1) found.label ??= text(sector, 40, 72);
    if (type === 0 && sector.toString("latin1", 7, 30) === "EL TORITO SPECIFICATION")
      found.catalogueSector ??= sector.readUInt32LE(0x47);
  }
  return found;
}

/** Characters that a person can read; a hostile label must not reach a terminal or a log as it is. */
function text(sector: Buffer, start: number, end: number): string {
  return sector
    .toString("latin1", start, end)
    .replaceAll(/[^\x20-\x7e]/g, "")
    .trim();
}

function notBootable(message: string, cause?: unknown): ImageError {
  return new ImageError(message, {
    code: "image-not-bootable",
    retryable: false,
    hint: "Give the URL of an installer or live ISO image itself: not packed, not a disk image, not a web page.",
    ...(cause === undefined ? {} : { cause }),
  });
}
