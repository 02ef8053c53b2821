import { ImageError, type ImageErrorCode } from "../errors.ts";
import type { DiskFormat, FoundImage } from "./found.ts";

/** Formats of disk images as people declare and permit them; `raw` is a disk with any partition table, or none. */
export type WritableFormat = "raw" | Exclude<DiskFormat, "mbr">;

/** What is permitted unless the operator says otherwise: formats of which a reader cannot be led elsewhere. */
export const PERMITTED_FORMATS: readonly WritableFormat[] = ["raw", "gpt", "qcow2"];

const WRITABLE: readonly WritableFormat[] = ["raw", "gpt", "qcow2", "vmdk", "vdi", "vhd", "vhdx"];

/** Under what terms an image may be written to a disk. */
export interface DiskImageTerms {
  /** The format that the request names; null takes what is found. */
  declared: string | null;
  permitted: readonly WritableFormat[];
  /** A whole disk, or the file system of one partition, which needs neither table nor boot code. */
  kind: "whole-disk" | "partition";
  /** How the machine boots; null judges for either. */
  bootMode: "uefi" | "bios" | null;
  /** Writes also what does not look bootable; it waives nothing else. */
  force?: boolean;
}

/** An image that may be written. */
export interface AdmittedDiskImage {
  /** As the agent is told: `raw`, whatever the partition table, or the container's name. */
  format: Exclude<WritableFormat, "gpt">;
  /** What a person should know all the same. */
  warnings: string[];
}

/**
 * Reads a list of formats as an operator writes it: `raw,gpt,qcow2,vmdk`.
 *
 * @returns undefined when one of them is no format of disk images
 */
export function readPermittedFormats(text: string): WritableFormat[] | undefined {
  const names = text.split(",").map((name) => name.trim().toLowerCase());
  const known = names.filter((name) => isWritable(name));
  return known.length === names.length ? known : undefined;
}

/**
 * Judges whether an image may be written to a disk.
 *
 * @throws ImageError `iso-not-writable`, `image-unsafe`, `image-format-mismatch`, `image-format-not-permitted` or
 *   `image-not-bootable`
 */
export function admitDiskImage(found: FoundImage, terms: DiskImageTerms): AdmittedDiskImage {
  if (found.format === "iso")
    throw refuse(
      "iso-not-writable",
      `The image is ${found.what}, which is booted and not written to a disk`,
      {
        hint: "Boot it with `boot.iso`, or give the disk image (raw or qcow2) of the same release.",
      },
    );
  if (found.danger !== null)
    throw refuse("image-unsafe", `The image is ${found.what} that is not opened: ${found.danger}`, {
      hint: "Give it whole, as a copy that depends on nothing: qemu-img convert -O qcow2 OLD NEW.",
    });
  const format = writableOf(found, terms);
  checkDeclared(found, format, terms.declared);
  checkPermitted(found, format, terms.permitted);
  const doubts = terms.kind === "partition" ? [] : doubtsOf(found, terms.bootMode);
  if (doubts.length > 0 && terms.force !== true) throw notBootable(found, doubts);
  return { format: format === "gpt" ? "raw" : format, warnings: [...doubts, ...unseenOf(found, terms)] };
}

/** The format as people name it; what has no place on a disk has none. */
function writableOf(found: FoundImage, { declared, kind }: DiskImageTerms): WritableFormat {
  const { format, what } = found;
  if (format === "mbr") return "raw";
  if (isWritable(format)) return format;
  if ((format === "file-system" || format === "fat") && kind === "partition") return "raw";
  // A whole disk of bytes that nobody knows is refused below, for it has no partition table.
  if (format === "unknown" || format === "file-system" || format === "fat") return "raw";
  throw refuse("image-format-mismatch", `The image is ${what}${asDeclared(declared)}, and no disk image`, {
    hint: "Give the disk image itself: unpacked, raw or qcow2.",
  });
}

function checkDeclared(found: FoundImage, format: WritableFormat, declared: string | null): void {
  const isRaw = format === "raw" || format === "gpt";
  if (declared === null || declared === format || (declared === "raw" && isRaw)) return;
  throw refuse("image-format-mismatch", `The image is ${found.what}${asDeclared(declared)}`, {
    hint: `Declare the format ${isRaw ? "raw" : format}, or give the image that was meant.`,
  });
}

function checkPermitted(
  found: FoundImage,
  format: WritableFormat,
  permitted: readonly WritableFormat[],
): void {
  const isRaw = format === "raw" || format === "gpt";
  if (permitted.includes(format) || (isRaw && permitted.includes("raw"))) return;
  throw refuse("image-format-not-permitted", `The image is ${found.what}, and that format is not permitted`, {
    hint: `Convert it to one of ${permitted.join(", ")}, or have the operator permit ${format}.`,
  });
}

/** Why firmware would not boot the disk; empty also where nothing could be seen. */
function doubtsOf({ format, disk }: FoundImage, bootMode: DiskImageTerms["bootMode"]): string[] {
  const isOpaque = disk === null && isWritable(format);
  if (isOpaque) return [];
  if (disk === null || disk.table === "none") return ["it has no partition table"];
  if (disk.problem !== null) return [disk.problem];
  if (disk.partitions === 0) return ["it has no partition"];
  if (bootMode === "uefi" && !disk.hasEfiPartition) return ["it has no EFI system partition"];
  if (bootMode === "bios" && !disk.hasBootCode) return ["its first sector has no boot code for a BIOS"];
  const isEither = disk.hasEfiPartition || disk.hasBootCode;
  return isEither ? [] : ["it has neither an EFI system partition nor boot code"];
}

function unseenOf({ disk, what }: FoundImage, { kind }: DiskImageTerms): string[] {
  return disk === null && kind === "whole-disk" ? [`whether ${what} boots cannot be seen from outside`] : [];
}

function notBootable(found: FoundImage, doubts: readonly string[]): ImageError {
  return refuse("image-not-bootable", `The disk image would not boot: ${doubts.join(", ")}`, {
    hint:
      found.disk === null
        ? "Give the image of a whole disk, or write it as a partition."
        : "Give an image for this kind of firmware, correct the node's bootMode, or write it with force.",
  });
}

function isWritable(format: string): format is WritableFormat {
  return WRITABLE.some((known) => known === format);
}

function asDeclared(declared: string | null): string {
  return declared === null ? "" : `, declared as ${declared.slice(0, 40)}`;
}

function refuse(code: ImageErrorCode, message: string, { hint }: { hint: string }): ImageError {
  return new ImageError(message, { code, retryable: false, hint });
}
