import { open } from "node:fs/promises";
import type { ByteRange, Disc } from "./disc.ts";
import { readBootImages } from "./el-torito.ts";
import { ImageError } from "./errors.ts";
import { identify } from "./inspect/inspect.ts";
import { type ReadAt, readerOf } from "./inspect/read-at.ts";
import { readVolume } from "./inspect/volume.ts";

/** What an ISO 9660 image is, as far as booting goes. */
export interface IsoReport {
  volumeLabel: string;
  sizeBytes: number;
  catalogue: ByteRange;
  /** El Torito entries that can boot. */
  images: Disc["boot"]["images"];
}

/** What an ISO may be packed in. */
const PACKED: ReadonlySet<string> = new Set(["gzip", "xz", "zstd", "bzip2", "zip", "7z", "tar"]);

/** Discs that were read back from a drive may lack what is written behind the last file: 150 blocks, seldom more. */
const PADDING_BYTES = 2 ** 20;

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
    return await inspect(readerOf(handle, size), size);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw notBootable(`${path} cannot be read`, error);
  } finally {
    await handle.close();
  }
}

async function inspect(read: ReadAt, sizeBytes: number): Promise<IsoReport> {
  const { label, catalogueSector, sizeBytes: volumeBytes = 0 } = await readVolume(read);
  if (label === undefined) {
    const { format, what } = await identify(read, sizeBytes);
    const advice = PACKED.has(format) ? "; unpack it first" : "";
    throw notBootable(`The image is not an ISO 9660 image but ${what}${advice}`);
  }
  if (catalogueSector === undefined)
    throw notBootable(`The ISO image "${label}" has no boot record (El Torito), so it holds data only`);
  if (sizeBytes + PADDING_BYTES < volumeBytes)
    throw notBootable(
      `The ISO image "${label}" ends at ${sizeBytes} of ${volumeBytes} bytes: it was cut short`,
    );
  const boot = await readBootImages(read, catalogueSector, sizeBytes);
  if ("problem" in boot) throw notBootable(`The ISO image "${label}" cannot boot: ${boot.problem}`);
  return { volumeLabel: label, sizeBytes, ...boot };
}

function notBootable(message: string, cause?: unknown): ImageError {
  return new ImageError(message, {
    code: "image-not-bootable",
    retryable: false,
    hint: "Give the URL of an installer or live ISO image itself: not packed, not a disk image, not a web page.",
    ...(cause === undefined ? {} : { cause }),
  });
}
