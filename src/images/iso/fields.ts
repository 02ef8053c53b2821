/**
 * When everything on a disc of ours was made. Fixed, so that equal input gives equal bytes; long ago enough for no machine
 * to think that it lies in the future.
 */
const MADE = { year: 2024, month: 1, day: 1 };

/** A 32-bit number little-endian and then big-endian (ECMA-119, 7.3.3). */
export function both32(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(value, 0);
  bytes.writeUInt32BE(value, 4);
  return bytes;
}

/** A 16-bit number little-endian and then big-endian (ECMA-119, 7.2.3). */
export function both16(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(value, 0);
  bytes.writeUInt16BE(value, 2);
  return bytes;
}

/** The date of records (ECMA-119, 9.1.5). */
export const RECORD_DATE: Buffer = Buffer.from([MADE.year - 1900, MADE.month, MADE.day, 0, 0, 0, 0]);

/** The date of descriptors (ECMA-119, 8.4.26.1): digits, hundredths, and the offset from GMT as a number. */
export const DESCRIPTOR_DATE: Buffer = Buffer.concat([
  Buffer.from(
    `${MADE.year}${String(MADE.month).padStart(2, "0")}${String(MADE.day).padStart(2, "0")}00000000`,
    "latin1",
  ),
  Buffer.alloc(1),
]);

/** Big-endian UTF-16, as Joliet wants it. */
export function ucs2(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}
