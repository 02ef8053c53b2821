import { SECTOR_BYTES } from "../el-torito.ts";

/** One entry of a boot catalogue, without emulation. */
export interface BootEntry {
  platform: "bios" | "efi";
  sector: number;
  /** What firmware loads. */
  sizeBytes: number;
}

const PLATFORM = { bios: 0, efi: 0xef };
const ENTRY_BYTES = 32;
const BOOTABLE = 0x88;
const LAST_SECTION = 0x91;
const MORE_SECTIONS = 0x90;

/**
 * A boot catalogue (El Torito 1.0, figures 2 to 5). Its first entry is the default, which a BIOS takes; each further one has
 * a section of its own. `usedBytes` ends with the last entry.
 */
export function bootCatalogue(entries: readonly BootEntry[]): { bytes: Buffer; usedBytes: number } {
  const [first, ...others] = entries;
  if (first === undefined) throw new RangeError("a boot catalogue without an entry");
  const parts = [validation(first), entry(first)];
  for (const [index, other] of others.entries()) {
    const header = Buffer.alloc(ENTRY_BYTES);
    header.writeUInt8(index === others.length - 1 ? LAST_SECTION : MORE_SECTIONS, 0);
    header.writeUInt8(PLATFORM[other.platform], 1);
    header.writeUInt16LE(1, 2);
    parts.push(header, entry(other));
  }
  const used = Buffer.concat(parts);
  return { bytes: Buffer.concat([used], SECTOR_BYTES), usedBytes: used.length };
}

function validation({ platform }: BootEntry): Buffer {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(PLATFORM[platform], 1);
  bytes.write("TRAYLOAD", 4, "latin1");
  bytes.writeUInt16LE(0xaa55, 30);
  let sum = 0;
  for (let offset = 0; offset < ENTRY_BYTES; offset += 2) sum += bytes.readUInt16LE(offset);
  bytes.writeUInt16LE((0x10000 - (sum % 0x10000)) % 0x10000, 28);
  return bytes;
}

/** Sizes are counted in 512 bytes; 0 is how writers say that sixteen bits are not enough, and UEFI then looks itself. */
function entry({ sector, sizeBytes }: BootEntry): Buffer {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  const count = Math.ceil(sizeBytes / 512);
  bytes.writeUInt8(BOOTABLE, 0);
  bytes.writeUInt16LE(count > 0xffff ? 0 : count, 6);
  bytes.writeUInt32LE(sector, 8);
  return bytes;
}
