import { plainText, type ReadAt } from "./read-at.ts";

/** What the volume descriptors of an ISO 9660 image say; all absent where there are none. */
export interface Volume {
  label?: string;
  /** Absent where the descriptor's two forms of it contradict each other. */
  sizeBytes?: number;
  /** Sector of the boot catalogue (El Torito, figure 7). */
  catalogueSector?: number;
}

const SECTOR_BYTES = 2048;
/** Volume descriptors stand from sector 16 on (ECMA-119, 8); nobody writes more than a handful. */
const FIRST_DESCRIPTOR = 16;
const DESCRIPTORS_READ = 32;

/** ECMA-119, 8.4: the label, then how many logical blocks there are, and how large they are. */
function readPrimary(sector: Buffer, found: Volume): void {
  found.label = plainText(sector.subarray(40, 72));
  const blocks = sector.readUInt32LE(80);
  if (blocks === sector.readUInt32BE(84)) found.sizeBytes = blocks * sector.readUInt16LE(128);
}

export async function readVolume(read: ReadAt): Promise<Volume> {
  const found: Volume = {};
  for (let index = 0; index < DESCRIPTORS_READ; index += 1) {
    const sector = await read((FIRST_DESCRIPTOR + index) * SECTOR_BYTES, SECTOR_BYTES);
    if (sector.length < SECTOR_BYTES || sector.toString("latin1", 1, 6) !== "CD001") break;
    const type = sector[0];
    if (type === 255) break;
    if (type === 1 && found.label === undefined) readPrimary(sector, found);
    if (type === 0 && sector.toString("latin1", 7, 30) === "EL TORITO SPECIFICATION")
      found.catalogueSector ??= sector.readUInt32LE(0x47);
  }
  return found;
}
