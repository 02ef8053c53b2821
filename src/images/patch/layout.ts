import { SECTOR_BYTES } from "../el-torito.ts";
import { type FatVolume, openFat } from "../fat/files.ts";
import type { IsoReport } from "../iso.ts";
import { damaged } from "../iso9660/damage.ts";
import { openTree, type Tree } from "../iso9660/tree.ts";
import { readVolumes, type Volume } from "../iso9660/volumes.ts";
import type { Overlay } from "./overlay.ts";
import { type Partition, readPartitions } from "./partitions.ts";

/** Everything of an image by which a system may find its files. */
export interface Layout {
  overlay: Overlay;
  /** Those that are patched, the primary one first. */
  trees: Tree[];
  /** Every descriptor that tells the size of its volume, in all sets. */
  volumes: Volume[];
  /** The FAT file systems that firmware starts from. */
  fats: FatVolume[];
  partitions: Partition[];
  /** A GPT cannot be stretched over what is appended, so the trees that its first partition shows stay as they are. */
  hasGpt: boolean;
  /** Blocks at which trees begin that stay as they are. */
  frozenOrigins: number[];
}

/** How many FAT file systems one image may have; more than any firmware is offered. */
const FATS = 4;

/** @throws ImageError `iso-is-udf`, `iso-unsupported`, `iso-damaged` */
export async function readLayout(overlay: Overlay, report: IsoReport): Promise<Layout> {
  const { partitions, hasGpt } = await readPartitions(overlay.read);
  const volumes = await readVolumes(overlay.read, 0);
  if (volumes[0] === undefined) throw damaged("it has no volume descriptor");
  const frozenOrigins: number[] = [];
  for (const originBlock of originsOf(partitions)) {
    const more = await readVolumes(overlay.read, originBlock);
    if (more.length > 0 && hasGpt) frozenOrigins.push(originBlock);
    else volumes.push(...more);
  }
  volumes.sort((one, other) => Number(other.kind === "primary") - Number(one.kind === "primary"));
  const trees: Tree[] = [];
  for (const volume of volumes) trees.push(await openTree(overlay, volume));
  const fats = await openFats(overlay, report, partitions);
  return { overlay, trees, volumes, fats, partitions, hasGpt, frozenOrigins };
}

/** Blocks at which partitions begin that may hold a tree of their own (xorriso's -partition_offset). */
function originsOf(partitions: readonly Partition[]): number[] {
  const starts = partitions
    .filter(({ startByte, isEfi }) => !isEfi && startByte > 0 && startByte % SECTOR_BYTES === 0)
    .map(({ startByte }) => startByte / SECTOR_BYTES);
  return Array.from(new Set(starts)).filter((block) => block < 64);
}

async function openFats(
  overlay: Overlay,
  report: IsoReport,
  partitions: readonly Partition[],
): Promise<FatVolume[]> {
  const starts = new Set([
    ...report.images.filter(({ platform }) => platform === "efi").map(({ start }) => start),
    ...partitions.filter(({ isEfi }) => isEfi).map(({ startByte }) => startByte),
  ]);
  const fats: FatVolume[] = [];
  for (const start of Array.from(starts).slice(0, FATS)) {
    const fat = await openFat(overlay.read, start);
    if (fat !== undefined) fats.push(fat);
  }
  return fats;
}

/** Has every descriptor tell the view's size, and partitions of an MBR that show the image reach its end. */
export async function stretch(layout: Layout, totalBlocks: number): Promise<void> {
  const { overlay, volumes, partitions, hasGpt } = layout;
  for (const { descriptorAt, originBlock } of volumes)
    await overlay.write(descriptorAt + 80, both32(totalBlocks - originBlock));
  if (hasGpt) return;
  const origins = new Set(volumes.map(({ originBlock }) => originBlock * SECTOR_BYTES));
  for (const { startByte, isEfi, sizeAt } of partitions) {
    if (isEfi || sizeAt === undefined || !origins.has(startByte)) continue;
    const size = Buffer.alloc(4);
    size.writeUInt32LE((totalBlocks * SECTOR_BYTES - startByte) / 512);
    await overlay.write(sizeAt, size);
  }
}

function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}
