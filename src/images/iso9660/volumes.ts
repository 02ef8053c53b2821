import { SECTOR_BYTES } from "../el-torito.ts";
import type { ReadAt } from "../inspect/read-at.ts";
import { damaged, refusal } from "./damage.ts";

/** One of the directory trees over the same files (ECMA-119, 8.4 and 8.5; Joliet, section 2). */
export interface Volume {
  kind: "primary" | "joliet" | "enhanced";
  /** Byte offset of its descriptor. */
  descriptorAt: number;
  /** Block from which its block numbers count: 0, or where the first partition begins that has its own tree. */
  originBlock: number;
}

/** Volume descriptors stand from block 16 of their volume on; nobody writes more than a handful. */
const FIRST_DESCRIPTOR = 16;
const DESCRIPTORS_READ = 32;
/** Escape sequences of UCS-2 level 1, 2 and 3 (Joliet, section 2.1). */
const JOLIET_ESCAPES = ["%/@", "%/C", "%/E"];

/**
 * Reads the descriptors of the volume that begins at a block.
 *
 * @returns nothing where there is no volume
 * @throws ImageError `iso-is-udf`, `iso-unsupported` or `iso-damaged`
 */
export async function readVolumes(read: ReadAt, originBlock: number): Promise<Volume[]> {
  const volumes: Volume[] = [];
  for (let index = 0; index < DESCRIPTORS_READ; index += 1) {
    const descriptorAt = (originBlock + FIRST_DESCRIPTOR + index) * SECTOR_BYTES;
    const sector = await read(descriptorAt, SECTOR_BYTES);
    if (sector.length < SECTOR_BYTES) break;
    const mark = sector.toString("latin1", 1, 6);
    // NSR02 and NSR03 stand behind the last CD001 (ECMA-167, part 2, 9.1).
    if (mark === "NSR02" || mark === "NSR03") throw isUdf();
    if (mark !== "CD001") {
      if (mark === "BEA01" || mark === "TEA01" || mark === "BOOT2") continue;
      break;
    }
    const kind = kindOf(sector);
    if (kind === undefined) continue;
    checkUsable(sector);
    volumes.push({ kind, descriptorAt, originBlock });
  }
  return volumes;
}

function kindOf(sector: Buffer): Volume["kind"] | undefined {
  if (sector[0] === 1) return "primary";
  if (sector[0] !== 2) return undefined;
  if (JOLIET_ESCAPES.includes(sector.toString("latin1", 88, 91))) return "joliet";
  return sector[6] === 2 ? "enhanced" : undefined;
}

function checkUsable(sector: Buffer): void {
  if (sector.readUInt16LE(128) !== SECTOR_BYTES) throw damaged("its blocks are not of 2048 bytes");
  if (sector.readUInt16LE(120) > 1)
    throw refusal(
      "iso-unsupported",
      "The ISO image is one of a set of several discs, and files may lie on another",
      "Use a single image that holds everything.",
    );
}

function isUdf(): Error {
  return refusal(
    "iso-is-udf",
    "The ISO image holds a UDF file system beside ISO 9660, and systems read the UDF one, which is not patched",
    "Boot the image as it is, and give the configuration on a second medium.",
  );
}
