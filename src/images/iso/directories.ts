import type { Content } from "../content.ts";
import { SECTOR_BYTES } from "../el-torito.ts";
import { both16, both32, RECORD_DATE } from "./fields.ts";
import type { Flavour } from "./flavour.ts";
import { type Directory, type FileEntry, sectorsOf } from "./tree.ts";

/** One directory tree of a disc, whose size is known before its place is. */
export interface Directories {
  /** Blocks of all directories together. */
  sectors: number;
  /** Bytes of a path table. */
  pathTableBytes: number;
  /** Says where the first directory stands; before anything is rendered. */
  place(firstSector: number): void;
  /** All directories, each filled up to whole blocks. `sectorOf` says where a file's content stands. */
  render(sectorOf: (content: Content) => number): Buffer;
  pathTable(endianness: "little" | "big"): Buffer;
  /** The record of the root, as a volume descriptor holds it. */
  rootRecord(): Buffer;
}

interface Placed {
  number: number;
  sector: number;
  sizeBytes: number;
}

/** More does not fit into 32 bits with whole blocks; larger files have several records (ECMA-119, 6.5.1). */
const EXTENT_BYTES = 0xffff_f800;
const DIRECTORY = 0x02;
const MORE_FOLLOW = 0x80;
const SELF: Record<"." | "..", Buffer> = { ".": Buffer.from([0]), "..": Buffer.from([1]) };

export function layOutDirectories(root: Directory, flavour: Flavour): Directories {
  const order = inTableOrder(root, flavour);
  const placed = new Map<Directory, Placed>();
  for (const [index, directory] of order.entries())
    placed.set(directory, { number: index + 1, sector: 0, sizeBytes: 0 });
  const spot = (directory: Directory): Placed => placed.get(directory)!;
  const renderOne = (directory: Directory, sectorOf: (content: Content) => number): Buffer =>
    pack(recordsOf(directory, flavour, spot, sectorOf));
  // Neither sector nor size changes the length of a record.
  for (const directory of order) spot(directory).sizeBytes = renderOne(directory, () => 0).length;

  return {
    sectors: order.reduce((sum, directory) => sum + sectorsOf(spot(directory).sizeBytes), 0),
    pathTableBytes: order.reduce(
      (sum, { names }) => sum + tableEntry(flavour.identify(names), 0, 0).length,
      0,
    ),
    place(firstSector) {
      let sector = firstSector;
      for (const directory of order) {
        spot(directory).sector = sector;
        sector += sectorsOf(spot(directory).sizeBytes);
      }
    },
    render: (sectorOf) => Buffer.concat(order.map((directory) => renderOne(directory, sectorOf))),
    pathTable(endianness) {
      const entries = order.map((directory) => {
        const { sector } = spot(directory);
        const entry = tableEntry(flavour.identify(directory.names), sector, spot(directory.parent).number);
        return endianness === "little" ? entry : asBigEndian(entry);
      });
      return Buffer.concat(entries);
    },
    rootRecord: () => directoryRecord(SELF["."], spot(root), Buffer.alloc(0)),
  };
}

/** Level by level, within a level by the parents' order, and then by name (ECMA-119, 6.9.1). */
function inTableOrder(root: Directory, flavour: Flavour): Directory[] {
  const order = [root];
  for (const directory of order)
    order.push(...sorted(directory, flavour).filter((entry) => entry.kind === "directory"));
  return order;
}

function sorted({ entries }: Directory, flavour: Flavour): (Directory | FileEntry)[] {
  return entries.toSorted((one, other) => flavour.compare(one.names, other.names));
}

function recordsOf(
  directory: Directory,
  flavour: Flavour,
  spot: (directory: Directory) => Placed,
  sectorOf: (content: Content) => number,
): Buffer[] {
  const self = directoryRecord(SELF["."], spot(directory), flavour.describeSelf(directory, "."));
  const parent = directoryRecord(SELF[".."], spot(directory.parent), flavour.describeSelf(directory, ".."));
  const entries = sorted(directory, flavour).flatMap((entry) => {
    const identifier = flavour.identify(entry.names);
    const more = flavour.describe(entry);
    if (entry.kind === "directory") return [directoryRecord(identifier, spot(entry), more)];
    return fileRecords(identifier, sectorOf(entry.file.content), entry.file.content.sizeBytes, more);
  });
  return [self, parent, ...entries];
}

function directoryRecord(identifier: Buffer, { sector, sizeBytes }: Placed, more: Buffer): Buffer {
  return record(identifier, { sector, sizeBytes, flags: DIRECTORY }, more);
}

function fileRecords(identifier: Buffer, firstSector: number, sizeBytes: number, more: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let sector = firstSector;
  let left = sizeBytes;
  do {
    const part = Math.min(left, EXTENT_BYTES);
    left -= part;
    records.push(record(identifier, { sector, sizeBytes: part, flags: left > 0 ? MORE_FOLLOW : 0 }, more));
    sector += sectorsOf(part);
  } while (left > 0);
  return records;
}

/** A directory record (ECMA-119, 9.1). */
function record(
  identifier: Buffer,
  { sector, sizeBytes, flags }: { sector: number; sizeBytes: number; flags: number },
  more: Buffer,
): Buffer {
  const head = Buffer.concat([
    Buffer.alloc(2),
    both32(sector),
    both32(sizeBytes),
    RECORD_DATE,
    Buffer.from([flags, 0, 0]),
    both16(1),
    Buffer.from([identifier.length]),
    identifier,
    Buffer.alloc(identifier.length % 2 === 0 ? 1 : 0),
    more,
    Buffer.alloc(more.length % 2),
  ]);
  head.writeUInt8(head.length, 0);
  return head;
}

/** Records one behind the other, none across the end of a block, filled up to whole blocks. */
function pack(records: readonly Buffer[]): Buffer {
  const packed: Buffer[] = [];
  let at = 0;
  const fill = (bytes: number): void => {
    packed.push(Buffer.alloc(bytes));
    at += bytes;
  };
  for (const one of records) {
    const left = SECTOR_BYTES - (at % SECTOR_BYTES);
    if (one.length > left) fill(left);
    packed.push(one);
    at += one.length;
  }
  fill(sectorsOf(at) * SECTOR_BYTES - at);
  return Buffer.concat(packed);
}

/** A path table record (ECMA-119, 9.4), little-endian. */
function tableEntry(identifier: Buffer, sector: number, parent: number): Buffer {
  const entry = Buffer.alloc(8 + identifier.length + (identifier.length % 2));
  entry.writeUInt8(identifier.length, 0);
  entry.writeUInt32LE(sector, 2);
  entry.writeUInt16LE(parent, 6);
  identifier.copy(entry, 8);
  return entry;
}

function asBigEndian(entry: Buffer): Buffer {
  entry.writeUInt32BE(entry.readUInt32LE(2), 2);
  entry.writeUInt16BE(entry.readUInt16LE(6), 6);
  return entry;
}
