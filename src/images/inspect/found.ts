import type { DiskLayout } from "./layout.ts";

/** What a file is by its bytes. Only ever added to. */
export type ImageFormat =
  | "iso"
  | DiskFormat
  | "qed"
  | "luks"
  | "linux"
  | "efi"
  | "fat"
  | "file-system"
  | "cpio"
  | "gzip"
  | "xz"
  | "zstd"
  | "bzip2"
  | "lzma"
  | "lz4"
  | "lzop"
  | "zip"
  | "7z"
  | "tar"
  | "elf"
  | "text"
  | "empty"
  | "unknown";

/** Formats of disks. `mbr` and `gpt` are raw disks with such a partition table. */
export type DiskFormat = "mbr" | "gpt" | "qcow2" | "vmdk" | "vdi" | "vhd" | "vhdx";

/** What a file turned out to be; nothing here was taken from its name. */
export interface FoundImage {
  format: ImageFormat;
  /** For messages, with its article: `a qcow2 disk image`. */
  what: string;
  sizeBytes: number;
  /** Of kernels (`linux`) and EFI programs, where it is one of ours. */
  arch: "x86_64" | "aarch64" | null;
  /** What firmware would find on the disk: of raw disks, qcow2 and hybrid ISOs; null where that was not looked at. */
  disk: DiskLayout | null;
  /** Size of the disk once it is written; null where that was not looked at. */
  diskBytes: number | null;
  /** Of an ISO: whether firmware boots it as a CD. Whether it would as a disk stands in `disk`. */
  isBootableCd: boolean;
  /** Why nothing that follows the format's rules may open it: `it names a backing file`; null for all else. */
  danger: string | null;
}

/** A found image of which no more is known than its name. */
export function plainFound(format: ImageFormat, what: string, sizeBytes: number): FoundImage {
  const nothing = { arch: null, disk: null, diskBytes: null, isBootableCd: false, danger: null };
  return { format, what, sizeBytes, ...nothing };
}
