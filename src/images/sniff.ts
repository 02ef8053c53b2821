/** How much of a file's start `sniff` wants. */
export const SNIFFED_BYTES = 4096 + 512;

/** Formats that people give for an ISO, by the bytes at an offset. In order: the first that fits is named. */
const MARKS: { at: number; bytes: string; what: string }[] = [
  { at: 0, bytes: "\x1f\x8b", what: "a gzip file; unpack it first" },
  { at: 0, bytes: "\xfd7zXZ\0", what: "an xz file; unpack it first" },
  { at: 0, bytes: "\x28\xb5\x2f\xfd", what: "a zstd file; unpack it first" },
  { at: 0, bytes: "BZh", what: "a bzip2 file; unpack it first" },
  { at: 0, bytes: "PK\x03\x04", what: "a zip file; unpack it first" },
  { at: 0, bytes: "7z\xbc\xaf\x27\x1c", what: "a 7z file; unpack it first" },
  { at: 257, bytes: "ustar", what: "a tar archive; unpack it first" },
  { at: 0, bytes: "QFI\xfb", what: "a qcow2 disk image" },
  { at: 0, bytes: "KDMV", what: "a VMDK disk image" },
  { at: 0, bytes: "vhdxfile", what: "a VHDX disk image" },
  { at: 0, bytes: "conectix", what: "a VHD disk image" },
  { at: 512, bytes: "EFI PART", what: "a raw disk image with a GPT" },
  { at: 4096, bytes: "EFI PART", what: "a raw disk image with a GPT" },
  { at: 0, bytes: "hsqs", what: "a squashfs file system" },
  { at: 0, bytes: "\x7fELF", what: "an ELF program" },
  { at: 514, bytes: "HdrS", what: "a Linux kernel" },
  { at: 0, bytes: "MZ", what: "an EFI or Windows program" },
  { at: 54, bytes: "FAT1", what: "a FAT file system (a floppy or ESP image)" },
  { at: 82, bytes: "FAT32", what: "a FAT file system (a stick or ESP image)" },
  { at: 510, bytes: "\x55\xaa", what: "a raw disk image with an MBR" },
];

/** Says in a few words what a file that is no ISO image is, by its first bytes. */
export function sniff(start: Buffer, sizeBytes: number): string {
  if (sizeBytes === 0) return "an empty file";
  const latin = start.toString("latin1");
  const mark = MARKS.find(({ at, bytes }) => latin.startsWith(bytes, at));
  if (mark !== undefined) return mark.what;
  const opening = latin.slice(0, 512).trimStart().toLowerCase();
  if (opening.startsWith("<!doctype html") || opening.startsWith("<html")) return "a web page (HTML)";
  if (opening.startsWith("<?xml") || opening.startsWith("<error")) return "an XML answer of a web server";
  if (start.every((byte) => byte === 0)) return "nothing but zeros";
  if (!/[^\t\n\r\x20-\x7e]/.test(latin)) return "text";
  return `${sizeBytes} bytes of an unknown kind`;
}
