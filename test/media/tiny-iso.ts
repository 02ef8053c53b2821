import { BIOS_STUB, emptyFat12 } from "./boot-stubs.ts";

/** What a tiny ISO is called, how big it is, and what can boot from it. */
export interface TinyIso {
  /** Volume label, at most 32 of A-Z, 0-9 and _; `TRAYLOAD` unless told. */
  label?: string;
  /** Wanted size, rounded up to whole 2048-byte blocks; the smallest possible unless told. */
  sizeBytes?: number;
  /** Which boot entries the catalogue lists; both unless told. */
  modes?: readonly ("bios" | "uefi")[];
}

const BLOCK = 2048;
const FAT_SECTORS = 64;
/** Where everything lies, in blocks; the first sixteen are the standard's unused system area. */
const AT = {
  volume: 16,
  bootRecord: 17,
  end: 18,
  catalogue: 19,
  pathLittle: 20,
  pathBig: 21,
  root: 22,
  bios: 23,
  uefi: 24,
};
const FILL = AT.uefi + (FAT_SECTORS * 512) / BLOCK;

/** The smallest image that {@link makeTinyIso} makes, in bytes. */
export const TINY_ISO_BYTES = (FILL + 1) * BLOCK;

/**
 * Makes a valid ISO 9660 image (ECMA-119) with an El Torito catalogue in memory, without any tool.
 *
 * Its BIOS entry is code that really runs and says `TINY-ISO` on the first serial line; its UEFI entry is an empty
 * FAT image, which firmware reads and finds nothing in. One file, FILL.BIN, makes up the size; each of its blocks
 * begins with its own number, so that a range answered from the wrong place is noticed.
 *
 * @throws RangeError when the label cannot stand in a volume descriptor or the size is below {@link TINY_ISO_BYTES}.
 */
export function makeTinyIso({
  label = "TRAYLOAD",
  sizeBytes = TINY_ISO_BYTES,
  modes = ["bios", "uefi"],
}: TinyIso = {}): Buffer {
  if (!/^[A-Z0-9_]{1,32}$/.test(label)) throw new RangeError(`"${label}" is not a volume label of ISO 9660`);
  if (!(sizeBytes >= TINY_ISO_BYTES))
    throw new RangeError(`an ISO of ${sizeBytes} bytes has no room to boot`);
  if (modes.length === 0) throw new RangeError("an ISO without a boot entry is not a boot ISO");
  const blocks = Math.ceil(sizeBytes / BLOCK);
  const iso = Buffer.alloc(blocks * BLOCK);
  writeVolume(iso, label, blocks);
  writeBootRecord(iso);
  writeDescriptorHead(iso, AT.end, 255);
  writeCatalogue(iso.subarray(AT.catalogue * BLOCK), modes);
  writePathTables(iso);
  writeRoot(iso, blocks);
  BIOS_STUB.copy(iso, AT.bios * BLOCK);
  emptyFat12(FAT_SECTORS).copy(iso, AT.uefi * BLOCK);
  for (let block = FILL; block < blocks; block++) iso.writeUInt32BE(block, block * BLOCK);
  return iso;
}

function writeDescriptorHead(iso: Buffer, block: number, type: number): number {
  const at = block * BLOCK;
  iso.writeUInt8(type, at);
  iso.write("CD001\x01", at + 1, "latin1");
  return at;
}

/** Writes a number in both byte orders, as ECMA-119 7.2.3 and 7.3.3 want it. */
function writeBoth(to: Buffer, value: number, at: number, bytes: 2 | 4): void {
  to.writeUIntLE(value, at, bytes);
  to.writeUIntBE(value, at + bytes, bytes);
}

/** The primary volume descriptor (ECMA-119 8.4). */
function writeVolume(iso: Buffer, label: string, blocks: number): void {
  const at = writeDescriptorHead(iso, AT.volume, 1);
  // Texts are filled with blanks: system and volume name, then the names of publisher, files and so on.
  iso.fill(" ", at + 8, at + 72);
  iso.fill(" ", at + 190, at + 813);
  iso.write(label, at + 40, "latin1");
  writeBoth(iso, blocks, at + 80, 4);
  writeBoth(iso, 1, at + 120, 2);
  writeBoth(iso, 1, at + 124, 2);
  writeBoth(iso, BLOCK, at + 128, 2);
  writeBoth(iso, 10, at + 132, 4);
  iso.writeUInt32LE(AT.pathLittle, at + 140);
  iso.writeUInt32BE(AT.pathBig, at + 148);
  directoryRecord("\0", AT.root, BLOCK, true).copy(iso, at + 156);
  // Four times that are not specified (8.4.26.1): sixteen digits zero and a zone of nought.
  for (let time = at + 813; time < at + 881; time += 17) iso.fill("0", time, time + 16);
  iso.writeUInt8(1, at + 881);
}

/** The boot record that points to the catalogue (El Torito 1.0, figure 7). */
function writeBootRecord(iso: Buffer): void {
  const at = writeDescriptorHead(iso, AT.bootRecord, 0);
  iso.write("EL TORITO SPECIFICATION", at + 7, "latin1");
  iso.writeUInt32LE(AT.catalogue, at + 71);
}

/** Validation entry, first entry, and a section for the second if there is one (El Torito 1.0, figures 2 to 5). */
function writeCatalogue(to: Buffer, modes: readonly ("bios" | "uefi")[]): void {
  const entries = (["bios", "uefi"] as const).filter((mode) => modes.includes(mode));
  to.writeUInt8(1, 0);
  to.writeUInt8(platform(entries[0]), 1);
  to.writeUInt16LE(0xaa55, 30);
  let sum = 0;
  for (let word = 0; word < 32; word += 2) sum += to.readUInt16LE(word);
  to.writeUInt16LE((0x10000 - (sum & 0xffff)) & 0xffff, 28);
  writeBootEntry(to.subarray(32), entries[0]);
  if (entries.length === 1) return;
  to.writeUInt8(0x91, 64);
  to.writeUInt8(platform(entries[1]), 65);
  to.writeUInt16LE(1, 66);
  writeBootEntry(to.subarray(96), entries[1]);
}

const platform = (mode: "bios" | "uefi" | undefined): number => (mode === "uefi" ? 0xef : 0);

function writeBootEntry(to: Buffer, mode: "bios" | "uefi" | undefined): void {
  to.writeUInt8(0x88, 0);
  to.writeUInt16LE(mode === "uefi" ? FAT_SECTORS : 4, 6);
  to.writeUInt32LE(mode === "uefi" ? AT.uefi : AT.bios, 8);
}

function writePathTables(iso: Buffer): void {
  const little = AT.pathLittle * BLOCK;
  const big = AT.pathBig * BLOCK;
  for (const at of [little, big]) iso.writeUInt8(1, at);
  iso.writeUInt32LE(AT.root, little + 2);
  iso.writeUInt16LE(1, little + 6);
  iso.writeUInt32BE(AT.root, big + 2);
  iso.writeUInt16BE(1, big + 6);
}

function writeRoot(iso: Buffer, blocks: number): void {
  const records = [
    directoryRecord("\0", AT.root, BLOCK, true),
    directoryRecord("\x01", AT.root, BLOCK, true),
    directoryRecord("FILL.BIN;1", FILL, (blocks - FILL) * BLOCK, false),
  ];
  Buffer.concat(records).copy(iso, AT.root * BLOCK);
}

/** One directory record (ECMA-119 9.1), whose length is always even. */
function directoryRecord(name: string, block: number, sizeBytes: number, isDirectory: boolean): Buffer {
  const record = Buffer.alloc(33 + name.length + ((name.length + 1) % 2));
  record.writeUInt8(record.length, 0);
  writeBoth(record, block, 2, 4);
  writeBoth(record, sizeBytes, 10, 4);
  record.writeUInt8(isDirectory ? 2 : 0, 25);
  writeBoth(record, 1, 28, 2);
  record.writeUInt8(name.length, 32);
  record.write(name, 33, "latin1");
  return record;
}
