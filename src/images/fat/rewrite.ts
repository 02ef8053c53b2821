import { refusal } from "../iso9660/damage.ts";
import type { Overlay } from "../patch/overlay.ts";
import { chainOf, clusterAt, type FatLayout } from "./fat.ts";
import type { FatFile, FatVolume } from "./files.ts";

/** Offset of the size in a directory entry, and of the count and hint in FAT32's information sector. */
const SIZE_AT = 28;
const FREE_COUNT_AT = 488;
const UNKNOWN = 0xffffffff;

/**
 * Gives a file of a FAT boot image other content, in its own clusters and, where they do not suffice, in free ones
 * behind them. Nothing moves, so whatever names the image or the file still does.
 *
 * @throws ImageError `iso-no-room` when the file system is full
 */
export async function rewriteFatFile(
  overlay: Overlay,
  volume: FatVolume,
  file: FatFile,
  content: Buffer,
): Promise<void> {
  const { layout } = volume;
  const chain = chainOf(layout, volume.table, file.firstCluster);
  const missing = Math.ceil(content.length / layout.clusterBytes) - chain.length;
  if (missing > 0) await extend(overlay, volume, file, chain, missing);
  for (let index = 0; index * layout.clusterBytes < content.length; index += 1) {
    const start = index * layout.clusterBytes;
    const part = content.subarray(start, start + layout.clusterBytes);
    await overlay.write(clusterAt(layout, chain[index]!), part);
  }
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length);
  await overlay.write(file.entryAt + SIZE_AT, size);
}

async function extend(
  overlay: Overlay,
  { layout, table }: FatVolume,
  file: FatFile,
  chain: number[],
  missing: number,
): Promise<void> {
  const endMark = 2 ** Math.min(layout.bits, 28) - 1;
  for (let count = 0; count < missing; count += 1) {
    const free = table.findFree();
    if (free === undefined) throw isFull(file);
    table.set(free, endMark);
    table.set(chain.at(-1)!, free);
    chain.push(free);
  }
  for (const at of layout.tables) await overlay.write(layout.start + at, table.bytes);
  await forgetFreeCount(overlay, layout);
}

/** FAT32 keeps a count of free clusters; unknown is allowed there and true. */
async function forgetFreeCount(overlay: Overlay, layout: FatLayout): Promise<void> {
  if (layout.infoAt === undefined) return;
  const at = layout.start + layout.infoAt;
  if ((await overlay.read(at, 4)).toString("latin1") !== "RRaA") return;
  const unknown = Buffer.alloc(8);
  unknown.writeUInt32LE(UNKNOWN, 0);
  unknown.writeUInt32LE(UNKNOWN, 4);
  await overlay.write(at + FREE_COUNT_AT, unknown);
}

function isFull({ name }: FatFile): Error {
  return refusal(
    "iso-no-room",
    `The FAT boot image on the ISO has no room for a longer ${name}`,
    "Give fewer kernel arguments, or an image whose EFI boot image has free space.",
  );
}
