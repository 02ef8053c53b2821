import { DiscError, type DiscReader } from "./disc-reader.ts";

const SECTOR = 2048;
/** El Torito platform ids (specification 1.0, figure 3; 0xEF by UEFI 13.3.2.1). */
const PLATFORM = { bios: 0x00, uefi: 0xef } as const;
const BOOTABLE = 0x88;

/** What firmware finds on a disc that it can boot. */
export interface BootableIso {
  volumeLabel: string;
  /** Byte offset of the boot image, and the bytes of it that firmware loads. */
  bootImageOffset: number;
  bootImageBytes: number;
}

/**
 * Looks for a boot image as firmware does: the volume descriptor at sector 16, the El Torito boot record at sector 17,
 * the catalogue that it names, and there a bootable entry for the firmware's kind. Reads the boot image too.
 *
 * @throws DiscError that says what is missing, or what could not be read
 */
export async function findBootImage(disc: DiscReader, mode: "uefi" | "bios"): Promise<BootableIso> {
  const volume = await sector(disc, 16, "volume descriptor");
  if (volume[0] !== 1 || volume.toString("latin1", 1, 6) !== "CD001")
    throw new DiscError("the disc is no ISO 9660: sector 16 holds no primary volume descriptor");
  const record = await sector(disc, 17, "boot record");
  if (record[0] !== 0 || !record.toString("latin1", 1, 39).startsWith("CD001\u0001EL TORITO SPECIFICATION"))
    throw new DiscError("the disc is not bootable: sector 17 holds no El Torito boot record");
  const catalogue = await sector(disc, record.readUInt32LE(71), "boot catalogue");
  const entry = findEntry(catalogue, PLATFORM[mode]);
  if (entry === undefined)
    throw new DiscError(`the disc has no bootable entry for ${mode === "uefi" ? "UEFI" : "BIOS"} firmware`);
  const bootImageOffset = entry.readUInt32LE(8) * SECTOR;
  // UEFI images often give 0 or 1 here, since firmware reads the FAT inside as far as it needs (UEFI 13.3.2.1).
  const bootImageBytes = Math.max(entry.readUInt16LE(6) * 512, SECTOR);
  const image = await disc.read(bootImageOffset, bootImageBytes);
  if (image.length < bootImageBytes) throw new DiscError("the boot image reaches past the end of the disc");
  if (image.every((byte) => byte === 0)) throw new DiscError("the boot image is empty");
  return { volumeLabel: volume.toString("latin1", 40, 72).trimEnd(), bootImageOffset, bootImageBytes };
}

async function sector(disc: DiscReader, index: number, what: string): Promise<Buffer> {
  const bytes = await disc.read(index * SECTOR, SECTOR);
  if (bytes.length < SECTOR) throw new DiscError(`the disc ends before its ${what}`);
  return bytes;
}

/** Walks validation entry, default entry and sections; gives the first bootable entry of the platform. */
function findEntry(catalogue: Buffer, platform: number): Buffer | undefined {
  if (catalogue[0] !== 1 || catalogue.readUInt16LE(30) !== 0xaa55 || sum(catalogue.subarray(0, 32)) !== 0)
    throw new DiscError("the disc is not bootable: the boot catalogue's validation entry is wrong");
  let current = catalogue[1];
  for (let offset = 32; offset < catalogue.length; offset += 32) {
    const entry = catalogue.subarray(offset, offset + 32);
    if (entry[0] === 0x90 || entry[0] === 0x91) current = entry[1];
    else if (entry[0] === BOOTABLE && current === platform) return entry;
  }
  return undefined;
}

function sum(bytes: Buffer): number {
  let total = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) total += bytes.readUInt16LE(offset);
  return total & 0xffff;
}
