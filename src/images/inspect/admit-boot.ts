import { ImageError } from "../errors.ts";
import type { FoundImage, ImageFormat } from "./found.ts";

/** What an image is booted as; an ISO is judged by `inspectIso`. */
export type BootPart = "kernel" | "ramdisk" | "bootloader";

/** Ramdisks that kernels unpack: cpio as it is or packed (Documentation/driver-api/early-userspace/buffer-format.rst). */
const FORMATS: Record<BootPart, readonly ImageFormat[]> = {
  kernel: ["linux", "efi", "gzip"],
  ramdisk: ["cpio", "gzip", "xz", "zstd", "bzip2", "lzma", "lz4", "lzop"],
  bootloader: ["fat", "efi"],
};

/**
 * Judges whether an image can be a part of a boot of this processor.
 *
 * @throws ImageError `image-format-mismatch`
 */
export function admitBootPart(found: FoundImage, part: BootPart, arch: "x86_64" | "aarch64"): void {
  if (!FORMATS[part].includes(found.format))
    throw mismatch(`The ${part} is ${found.what}`, `Give a ${part} as the distribution ships it.`);
  if (found.danger !== null)
    throw mismatch(
      `The ${part} is ${found.what} that cannot be used: ${found.danger}`,
      "Fetch or build it again, and give its checksum, so that damage on the way is seen.",
    );
  if (found.arch !== null && found.arch !== arch)
    throw mismatch(
      `The ${part} is ${found.what}, and the node's processor is ${arch}`,
      "Give the image for this processor, or correct the node's arch.",
    );
}

function mismatch(message: string, hint: string): ImageError {
  return new ImageError(message, { code: "image-format-mismatch", retryable: false, hint });
}
