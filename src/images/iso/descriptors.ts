import { SECTOR_BYTES } from "../el-torito.ts";
import { both16, both32, DESCRIPTOR_DATE, ucs2 } from "./fields.ts";

/** What a volume descriptor says of its tree. */
export interface Volume {
  label: string;
  /** Blocks of the whole disc. */
  sectors: number;
  pathTableBytes: number;
  /** Where the path tables stand. */
  little: number;
  big: number;
  rootRecord: Buffer;
}

const MADE_BY = "TRAYLOAD";

/** The primary volume descriptor (ECMA-119, 8.4). */
export function primaryDescriptor(volume: Volume): Buffer {
  return volumeDescriptor(1, volume, (text, bytes) =>
    Buffer.from(text.slice(0, bytes).padEnd(bytes), "latin1"),
  );
}

/** Joliet's supplementary volume descriptor, of which the escape sequence `%/E` says that its names are UCS-2, level 3. */
export function jolietDescriptor(volume: Volume): Buffer {
  const descriptor = volumeDescriptor(2, volume, wide);
  descriptor.write("%/E", 88, "latin1");
  return descriptor;
}

/** Half as many characters as there are bytes. A last odd byte stays zero. */
function wide(text: string, bytes: number): Buffer {
  const characters = Math.floor(bytes / 2);
  return Buffer.concat([ucs2(text.slice(0, characters).padEnd(characters)), Buffer.alloc(bytes % 2)]);
}

function volumeDescriptor(
  type: number,
  { label, sectors, pathTableBytes, little, big, rootRecord }: Volume,
  text: (text: string, bytes: number) => Buffer,
): Buffer {
  const descriptor = begin(type);
  const put = (bytes: Buffer, offset: number): void => void bytes.copy(descriptor, offset);
  put(text("", 32), 8);
  put(text(label, 32), 40);
  put(both32(sectors), 80);
  put(both16(1), 120);
  put(both16(1), 124);
  put(both16(SECTOR_BYTES), 128);
  put(both32(pathTableBytes), 132);
  descriptor.writeUInt32LE(little, 140);
  descriptor.writeUInt32BE(big, 148);
  put(rootRecord, 156);
  put(text("", 128), 190);
  put(text("", 128), 318);
  put(text(MADE_BY, 128), 446);
  put(text(MADE_BY, 128), 574);
  for (const offset of [702, 739, 776]) put(text("", 37), offset);
  // Made and changed then; it never expires and is in force at once.
  for (const offset of [813, 830]) put(DESCRIPTOR_DATE, offset);
  for (const offset of [847, 864]) descriptor.write("0000000000000000", offset, "latin1");
  descriptor.writeUInt8(1, 881);
  return descriptor;
}

/** The boot record that says where the catalogue is (El Torito 1.0, figure 7); it must stand in sector 17. */
export function bootRecord(catalogueSector: number): Buffer {
  const descriptor = begin(0);
  descriptor.write("EL TORITO SPECIFICATION", 7, "latin1");
  descriptor.writeUInt32LE(catalogueSector, 0x47);
  return descriptor;
}

/** Ends the descriptors (ECMA-119, 8.3). */
export function terminator(): Buffer {
  return begin(255);
}

function begin(type: number): Buffer {
  const descriptor = Buffer.alloc(SECTOR_BYTES);
  descriptor.writeUInt8(type, 0);
  descriptor.write("CD001\x01", 1, "latin1");
  return descriptor;
}
