import { SECTOR_BYTES } from "../el-torito.ts";
import type { Overlay } from "../patch/overlay.ts";
import { refusal } from "./damage.ts";
import { packRecords } from "./directory.ts";
import { updatePathTables } from "./path-tables.ts";
import { blockOf, nameBytesOf, pointTo } from "./record.ts";
import type { Directory } from "./tree.ts";
import type { Volume } from "./volumes.ts";

/** Offset of the root's record in a descriptor (ECMA-119, 8.4.19). */
const ROOT_RECORD_AT = 156;

/**
 * Writes the directories that were changed, the deepest first: in place where the records still fit, else behind the
 * image, and then everything that names the place is told: its own first record, its parent's, the second record of
 * each child, the path tables, and the descriptor for the root.
 *
 * @param directories all that were looked into
 */
export async function commitDirectories(
  overlay: Overlay,
  volume: Volume,
  directories: readonly Directory[],
): Promise<void> {
  const moved = new Map<number, number>();
  const depth = ({ path }: Directory): number => path.split("/").length;
  for (const directory of directories.toSorted((one, other) => depth(other) - depth(one))) {
    if (!directory.isChanged) continue;
    const packed = packRecords(directory.records);
    if (!directory.isNew && packed.length <= directory.sizeBytes) {
      const whole = Buffer.alloc(directory.sizeBytes);
      packed.copy(whole);
      await overlay.write(startOf(volume, directory.block), whole);
    } else {
      const before = directory.block;
      await move(overlay, volume, directory, packed, directories);
      if (!directory.isNew) moved.set(before, directory.block);
    }
  }
  const made = directories.filter(({ isNew }) => isNew);
  await updatePathTables(
    overlay,
    volume,
    moved,
    // Those above first, as those below look for them.
    made
      .toSorted((one, other) => depth(one) - depth(other))
      .map(({ record, block, parent }) => ({
        name: Buffer.from(nameBytesOf(record!.raw)),
        block,
        parentBlock: parent!.block,
      })),
  );
}

async function move(
  overlay: Overlay,
  volume: Volume,
  directory: Directory,
  packed: Buffer,
  directories: readonly Directory[],
): Promise<void> {
  const isDeep = directory.records.some(({ isMoved }) => isMoved);
  if (isDeep)
    throw refusal(
      "iso-unsupported",
      `The directory ${directory.path || "/"} of the ISO image holds one that was moved for its depth`,
      "Put the file into another directory.",
    );
  const block = overlay.append(packed) - volume.originBlock;
  directory.block = block;
  directory.sizeBytes = packed.length;
  const [own, above] = directory.records;
  pointTo(own!.raw, block, packed.length);
  if (directory.parent === undefined) {
    pointTo(above!.raw, block, packed.length);
    const place = Buffer.alloc(34);
    pointTo(place, block, packed.length);
    const at = volume.descriptorAt + ROOT_RECORD_AT;
    await overlay.write(at + 2, place.subarray(2, 18));
  } else {
    pointTo(directory.record!.raw, block, packed.length);
    directory.parent.isChanged = true;
  }
  await overlay.write(startOf(volume, block), packRecords(directory.records));
  for (const { raw, isDirectory } of directory.records.slice(2)) {
    if (!isDirectory) continue;
    const child = directories.find(({ record }) => record?.raw === raw);
    await retellParent(overlay, volume, child?.block ?? blockOf(raw), directory);
  }
}

/** Has a child's second record, its "..", say where its parent lies now. */
async function retellParent(
  overlay: Overlay,
  volume: Volume,
  childBlock: number,
  parent: Directory,
): Promise<void> {
  const start = startOf(volume, childBlock);
  const [ownLength = 0] = await overlay.read(start, 1);
  const place = Buffer.alloc(34);
  pointTo(place, parent.block, parent.sizeBytes);
  await overlay.write(start + ownLength + 2, place.subarray(2, 18));
}

function startOf(volume: Volume, block: number): number {
  return (block + volume.originBlock) * SECTOR_BYTES;
}
