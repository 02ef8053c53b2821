import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Content, contentOfBytes, createExtentWriter } from "../content.ts";
import { slice } from "../disc.ts";
import { ImageError } from "../errors.ts";

/** All that a disc needs of GRUB, in one image, so that nothing has to be read from a folder of modules. */
const MODULES =
  "biosdisk iso9660 part_gpt part_msdos fat normal configfile linux boot search search_fs_file regexp test echo gzio " +
  "minicmd serial terminal halt reboot";

/**
 * Makes GRUB's image for a BIOS that boots a CD. The same files give the same bytes.
 *
 * @throws ImageError `bootloader-not-found` when GRUB's own program cannot make it
 */
export async function makePcImage({ folder, mkimage }: { folder: string; mkimage: string }): Promise<Buffer> {
  // Not to its standard output, which it wants to make durable.
  const workshop = await mkdtemp(join(tmpdir(), "trayload-grub-"));
  const path = join(workshop, "bios.img");
  const args = [
    "-O",
    "i386-pc-eltorito",
    "-d",
    folder,
    "-p",
    "/boot/grub",
    "-o",
    path,
    ...MODULES.split(" "),
  ];
  try {
    await promisify(execFile)(mkimage, args);
    return await readFile(path);
  } catch (cause) {
    throw new ImageError(`${mkimage} cannot make GRUB's image for BIOS of ${folder}`, {
      code: "bootloader-not-found",
      retryable: false,
      hint: "Install grub-pc-bin and grub-common of the same release (RHEL: grub2-pc-modules and grub2-tools-minimal).",
      cause,
    });
  } finally {
    await rm(workshop, { recursive: true });
  }
}

/** Where an image is told where it stands: the boot information table, and the second copy that a BIOS needs for disks. */
const TABLE = { from: 8, to: 64 };
const DISK_TABLE = { from: 2548, to: 2556 };
const DESCRIPTOR_SECTOR = 16;
/** Blocks of disks in one of a CD. */
const DISK_SECTORS = 4;

/** The sum of an image's words behind its table (mkisofs(8), "boot information table"), as long as it stands nowhere. */
export function sumOf(image: Buffer): number {
  const words = Buffer.concat([image], Math.ceil(image.length / 4) * 4);
  words.fill(0, DISK_TABLE.from, DISK_TABLE.to);
  let sum = 0;
  for (let offset = TABLE.to; offset < words.length; offset += 4)
    sum = (sum + words.readUInt32LE(offset)) >>> 0;
  return sum;
}

/** The image as it has to be at a sector of a disc. */
export function placePcImage(image: Content, sum: number, sector: number): Content {
  // Behind the block of cdboot.img and the first block of the core, which has been loaded by then.
  const diskSector = sector * DISK_SECTORS + DISK_SECTORS + 1;
  const diskTable = Buffer.alloc(DISK_TABLE.to - DISK_TABLE.from);
  diskTable.writeBigUInt64LE(BigInt(diskSector));
  const table = Buffer.alloc(TABLE.to - TABLE.from);
  table.writeUInt32LE(DESCRIPTOR_SECTOR, 0);
  table.writeUInt32LE(sector, 4);
  table.writeUInt32LE(image.sizeBytes, 8);
  table.writeUInt32LE((sum + diskSector) >>> 0, 12);
  const writer = createExtentWriter();
  const part = (start: number, end: number): void =>
    writer.content({ sizeBytes: end - start, extents: slice(image.extents, { start, end }) });
  part(0, TABLE.from);
  writer.content(contentOfBytes(table));
  part(TABLE.to, DISK_TABLE.from);
  writer.content(contentOfBytes(diskTable));
  part(DISK_TABLE.to, image.sizeBytes);
  return { sizeBytes: image.sizeBytes, extents: writer.extents() };
}

const MBR_CODE_BYTES = 440;
/** Where the code finds the first block of the core (grub, boot/i386/pc/boot.S, `kernel_sector`). */
const KERNEL_SECTOR = 0x1b0;

/** The code by which a BIOS boots the disc as a disk; null where GRUB's parts lack it. */
export async function readDiskCode(folder: string): Promise<Buffer | null> {
  const code = await readFile(join(folder, "boot_hybrid.img")).catch(() => null);
  return code === null || code.length < MBR_CODE_BYTES ? null : code.subarray(0, MBR_CODE_BYTES);
}

/** The code as it has to be for an image at a sector of a disc. */
export function placeDiskCode(code: Uint8Array, sector: number): Buffer {
  const placed = Buffer.from(code);
  placed.writeBigUInt64LE(BigInt(sector * DISK_SECTORS + DISK_SECTORS), KERNEL_SECTOR);
  return placed;
}
