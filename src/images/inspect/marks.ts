import type { ImageFormat } from "./found.ts";

/** How much of a file's start the marks want. */
export const START_BYTES = 4096 + 512;

interface Mark {
  at: number;
  bytes: string;
  format: ImageFormat;
  what: string;
}

/** Disks that hold another disk; a tool that opens one follows what its header says. */
export const CONTAINER_MARKS: Mark[] = [
  { at: 0, bytes: "QFI\xfb", format: "qcow2", what: "a qcow2 disk image" },
  { at: 0, bytes: "QED\0", format: "qed", what: "a QED disk image" },
  { at: 0, bytes: "KDMV", format: "vmdk", what: "a VMDK disk image" },
  { at: 0, bytes: "COWD", format: "vmdk", what: "a VMDK disk image" },
  { at: 0, bytes: "# Disk DescriptorFile", format: "vmdk", what: "the descriptor of a VMDK disk image" },
  { at: 0, bytes: "vhdxfile", format: "vhdx", what: "a VHDX disk image" },
  { at: 0, bytes: "conectix", format: "vhd", what: "a VHD disk image" },
  { at: 0x40, bytes: "\x7f\x10\xda\xbe", format: "vdi", what: "a VDI disk image" },
  { at: 0, bytes: "LUKS\xba\xbe", format: "luks", what: "an encrypted LUKS volume" },
];

/** All else that is known by bytes at a place. In order: the first that fits is named. */
export const MARKS: Mark[] = [
  { at: 0, bytes: "\x1f\x8b", format: "gzip", what: "a gzip file" },
  { at: 0, bytes: "\xfd7zXZ\0", format: "xz", what: "an xz file" },
  { at: 0, bytes: "\x28\xb5\x2f\xfd", format: "zstd", what: "a zstd file" },
  { at: 0, bytes: "BZh", format: "bzip2", what: "a bzip2 file" },
  { at: 0, bytes: "\x5d\0\0", format: "lzma", what: "an lzma file" },
  { at: 0, bytes: "\x02\x21\x4c\x18", format: "lz4", what: "an lz4 file" },
  { at: 0, bytes: "\x89LZO\0", format: "lzop", what: "an lzop file" },
  { at: 0, bytes: "PK\x03\x04", format: "zip", what: "a zip file" },
  { at: 0, bytes: "7z\xbc\xaf\x27\x1c", format: "7z", what: "a 7z file" },
  { at: 0, bytes: "070701", format: "cpio", what: "a cpio archive" },
  { at: 0, bytes: "070702", format: "cpio", what: "a cpio archive" },
  { at: 257, bytes: "ustar", format: "tar", what: "a tar archive" },
  { at: 0, bytes: "\x7fELF", format: "elf", what: "an ELF program" },
  { at: 0, bytes: "MZ", format: "unknown", what: "a Windows or DOS program" },
  { at: 0, bytes: "hsqs", format: "file-system", what: "a squashfs file system" },
  { at: 0, bytes: "XFSB", format: "file-system", what: "an XFS file system" },
  { at: 1080, bytes: "\x53\xef", format: "file-system", what: "an ext file system" },
];

/** @param start the file's first bytes, read as latin1 */
export function findMark(marks: readonly Mark[], start: string): Mark | undefined {
  return marks.find(({ at, bytes }) => start.startsWith(bytes, at));
}

/** What people give by mistake: web pages, error answers, other text, zeros. */
export function describeUnmarked(start: Buffer, sizeBytes: number): { format: ImageFormat; what: string } {
  const latin = start.toString("latin1");
  const opening = latin.slice(0, 512).trimStart().toLowerCase();
  if (opening.startsWith("<!doctype html") || opening.startsWith("<html"))
    return { format: "text", what: "a web page (HTML)" };
  if (opening.startsWith("<?xml") || opening.startsWith("<error"))
    return { format: "text", what: "an XML answer of a web server" };
  if (start.every((byte) => byte === 0)) return { format: "unknown", what: "nothing but zeros" };
  if (!/[^\t\n\r\x20-\x7e]/.test(latin)) return { format: "text", what: "text" };
  return { format: "unknown", what: `${sizeBytes} bytes of an unknown kind` };
}

/** Whether the first sector is a FAT's: a jump, and a parameter block that makes sense (Microsoft, FAT, 3.1). */
export function isFat(start: Buffer): boolean {
  if (start.length < 512 || start.readUInt16LE(510) !== 0xaa55) return false;
  const jumps = start[0] === 0xe9 || (start[0] === 0xeb && start[2] === 0x90);
  const perCluster = start[13]!;
  const isPower = perCluster !== 0 && (perCluster & (perCluster - 1)) === 0;
  const copies = start[16]!;
  const hasName = /^FAT(?:12|16| {2}) |^FAT32 /.test(
    start.toString("latin1", start.readUInt16LE(22) === 0 ? 82 : 54, 90),
  );
  const sectorBytes = start.readUInt16LE(11);
  return (
    jumps && isPower && copies >= 1 && copies <= 2 && hasName && [512, 1024, 2048, 4096].includes(sectorBytes)
  );
}
