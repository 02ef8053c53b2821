/** A directory record (ECMA-119, 9.1) as it stands on the disc; numbers are kept in both byte orders. */
export interface DirectoryRecord {
  raw: Buffer;
  /** The real name by this tree's rules; "." and ".." for a directory's own two. */
  name: string;
  isDirectory: boolean;
  /** More records of the same file follow (multi-extent). */
  continues: boolean;
  /** Stored compressed, so that what it holds is not its content (zisofs). */
  isZisofs: boolean;
  /** Stands for, or is, a directory that was moved up for depth (Rock Ridge CL, RE). */
  isMoved: boolean;
}

export const DIRECTORY_FLAG = 0x02;
const MULTI_EXTENT_FLAG = 0x80;

export const blockOf = (raw: Buffer): number => raw.readUInt32LE(2) + raw[1]!;
export const sizeOf = (raw: Buffer): number => raw.readUInt32LE(10);
export const nameBytesOf = (raw: Buffer): Buffer => raw.subarray(33, 33 + raw[32]!);
/** Where the system use area begins: behind the name, which is padded to an odd length. */
export const systemUseOf = (raw: Buffer): Buffer => raw.subarray(33 + raw[32]! + ((raw[32]! + 1) % 2));

/** Points a record at other content. */
export function pointTo(raw: Buffer, block: number, sizeBytes: number): void {
  writeBoth32(raw, 2, block);
  writeBoth32(raw, 10, sizeBytes);
}

/** Makes a record say that it is all of its file. */
export function endFile(raw: Buffer): void {
  raw[25] = raw[25]! & ~MULTI_EXTENT_FLAG;
}

export const doesContinue = (raw: Buffer): boolean => (raw[25]! & MULTI_EXTENT_FLAG) !== 0;

export function writeBoth32(to: Buffer, at: number, value: number): void {
  to.writeUInt32LE(value, at);
  to.writeUInt32BE(value, at + 4);
}

/** A new record (ECMA-119, 9.1), with the date of a record beside it so that equal input makes equal bytes. */
export function makeRecord(facts: {
  name: Buffer;
  block: number;
  sizeBytes: number;
  isDirectory: boolean;
  date: Buffer;
  systemUse: Buffer;
}): Buffer {
  const nameEnd = 33 + facts.name.length + ((facts.name.length + 1) % 2);
  const length = nameEnd + facts.systemUse.length + (facts.systemUse.length % 2);
  if (length > 254) throw new RangeError("a directory record takes at most 254 bytes");
  const raw = Buffer.alloc(length);
  raw[0] = length;
  pointTo(raw, facts.block, facts.sizeBytes);
  facts.date.copy(raw, 18, 0, 7);
  raw[25] = facts.isDirectory ? DIRECTORY_FLAG : 0;
  raw.writeUInt16LE(1, 28);
  raw.writeUInt16BE(1, 30);
  raw[32] = facts.name.length;
  facts.name.copy(raw, 33);
  facts.systemUse.copy(raw, nameEnd);
  return raw;
}
