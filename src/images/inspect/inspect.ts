import { open } from "node:fs/promises";
import { readBootImages } from "../el-torito.ts";
import { ImageError } from "../errors.ts";
import { type FoundImage, plainFound } from "./found.ts";
import { type DiskLayout, readLayout } from "./layout.ts";
import { CONTAINER_MARKS, describeUnmarked, findMark, isFat, MARKS, START_BYTES } from "./marks.ts";
import { findProgram } from "./programs.ts";
import { openQcow2 } from "./qcow2.ts";
import { type ReadAt, readerOf } from "./read-at.ts";
import { dangerOfVdi, dangerOfVhd, dangerOfVhdx, dangerOfVmdk } from "./virtual-disks.ts";
import { readVolume } from "./volume.ts";

/** A fixed VHD is a raw disk with this much behind it, which alone makes it one. */
const VHD_FOOTER_BYTES = 512;
/** Where btrfs keeps its first superblock's magic. */
const BTRFS = { at: 0x10040, bytes: "_BHRfS_M" };

/**
 * Finds out what a file is: by its content, never by its name. Reads a few megabytes at most, whatever the file
 * says of itself, and follows no reference to another file.
 *
 * @throws ImageError `image-not-found` when it cannot be read; what it holds is never an exception
 */
export async function inspectImage(path: string): Promise<FoundImage> {
  try {
    await using handle = await open(path, "r");
    const { size } = await handle.stat();
    return await identify(readerOf(handle, size), size);
  } catch (cause) {
    throw new ImageError(`${path} cannot be read`, { code: "image-not-found", retryable: false, cause });
  }
}

/** The same for bytes that are read in another way. */
export async function identify(read: ReadAt, sizeBytes: number): Promise<FoundImage> {
  if (sizeBytes === 0) return plainFound("empty", "an empty file", 0);
  const start = await read(0, START_BYTES);
  const iso = await findIso(read, sizeBytes);
  const container = await findContainer(read, start, sizeBytes);
  // What one tool takes for the one and another for the other was made to slip past somebody.
  if (container !== undefined && iso !== undefined)
    return { ...container, danger: "it is an ISO 9660 image at the same time" };
  return (
    container ??
    iso ??
    (await findProgram(read, start, sizeBytes)) ??
    (await findMarked(read, start, sizeBytes)) ??
    findDisk(read, start, sizeBytes)
  );
}

async function findContainer(
  read: ReadAt,
  start: Buffer,
  sizeBytes: number,
): Promise<FoundImage | undefined> {
  const latin = start.toString("latin1");
  const fitting = CONTAINER_MARKS.filter(({ at, bytes }) => latin.startsWith(bytes, at));
  const end = await read(Math.max(0, sizeBytes - VHD_FOOTER_BYTES), VHD_FOOTER_BYTES);
  const isFixedVhd = fitting.length === 0 && end.toString("latin1", 0, 8) === "conectix";
  const mark = isFixedVhd ? { format: "vhd" as const, what: "a VHD disk image" } : fitting[0];
  if (mark === undefined) return undefined;
  const found = plainFound(mark.format, mark.what, sizeBytes);
  if (fitting.length > 1) return { ...found, danger: `it is ${fitting[1]!.what} at the same time` };
  if (found.format === "qcow2") return lookIntoQcow2(read, found);
  return { ...found, danger: await dangerOf(found.format, read, isFixedVhd ? end : start) };
}

async function dangerOf(format: FoundImage["format"], read: ReadAt, bytes: Buffer): Promise<string | null> {
  if (format === "vmdk") return dangerOfVmdk(read);
  if (format === "vdi") return dangerOfVdi(bytes);
  if (format === "vhd") return dangerOfVhd(bytes);
  return format === "vhdx" ? dangerOfVhdx(read) : null;
}

async function lookIntoQcow2(read: ReadAt, found: FoundImage): Promise<FoundImage> {
  const inside = await openQcow2(read);
  if (inside.danger !== null) return { ...found, danger: inside.danger };
  const disk = await readLayout(inside.read, inside.diskBytes);
  return { ...found, disk, diskBytes: inside.diskBytes };
}

async function findIso(read: ReadAt, sizeBytes: number): Promise<FoundImage | undefined> {
  const { label, catalogueSector } = await readVolume(read);
  if (label === undefined) return undefined;
  const boot =
    catalogueSector === undefined ? undefined : await readBootImages(read, catalogueSector, sizeBytes);
  const disk = await readLayout(read, sizeBytes);
  const isBootableCd = boot !== undefined && !("problem" in boot);
  const what = `the ISO 9660 image "${label}"`;
  return {
    ...plainFound("iso", what, sizeBytes),
    isBootableCd,
    disk: disk.table === "none" ? null : disk,
    diskBytes: sizeBytes,
  };
}

async function findMarked(read: ReadAt, start: Buffer, sizeBytes: number): Promise<FoundImage | undefined> {
  const mark = findMark(MARKS, start.toString("latin1"));
  if (mark !== undefined) return plainFound(mark.format, mark.what, sizeBytes);
  const btrfs = await read(BTRFS.at, BTRFS.bytes.length);
  if (btrfs.toString("latin1") !== BTRFS.bytes) return undefined;
  return plainFound("file-system", "a btrfs file system", sizeBytes);
}

/** What is left: a raw disk by its partition table, a FAT, or nothing that is known. */
async function findDisk(read: ReadAt, start: Buffer, sizeBytes: number): Promise<FoundImage> {
  const disk = await readLayout(read, sizeBytes);
  if (disk.partitions === 0 && isFat(start))
    return plainFound("fat", "a FAT file system (a floppy, stick or ESP image)", sizeBytes);
  if (disk.table === "none") {
    const { format, what } = describeUnmarked(start, sizeBytes);
    return plainFound(format, what, sizeBytes);
  }
  return { ...plainFound(disk.table, whatDisk(disk), sizeBytes), disk, diskBytes: sizeBytes };
}

function whatDisk(disk: DiskLayout): string {
  return `a raw disk image with ${disk.table === "gpt" ? "a GPT" : "an MBR"}`;
}
