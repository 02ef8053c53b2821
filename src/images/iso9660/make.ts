import { SECTOR_BYTES } from "../el-torito.ts";
import { refusal } from "./damage.ts";
import type { Place } from "./directory.ts";
import { encodeName, isPlainIsoName, plainName, sortKey, writtenName } from "./names.ts";
import { type DirectoryRecord, endFile, makeRecord, nameBytesOf, pointTo, systemUseOf } from "./record.ts";
import { entriesOf, type Made, makeSystemUse } from "./system-use.ts";
import type { Directory } from "./tree.ts";
import type { Volume } from "./volumes.ts";

/** How the records of one tree are written. */
interface Habits {
  volume: Volume;
  /** Bytes to skip in system use areas; undefined without Rock Ridge. */
  skip: number | undefined;
  pxBytes: number;
  root: Directory;
}

/** Makes records as the others of a tree are. */
export interface Maker {
  add(directory: Directory, name: string, what: Made, at: Place): DirectoryRecord;
  makeDirectory(parent: Directory, name: string): Directory;
}

export function createMaker({ volume, skip, pxBytes, root }: Habits): Maker {
  function add(directory: Directory, name: string, what: Made, at: Place): DirectoryRecord {
    const { kind } = volume;
    const isDirectory = what === "directory";
    const date = directory.records[0]!.raw.subarray(18, 25);
    if (kind === "primary" && skip === undefined && !isPlainIsoName(name)) throw needsRockRidge(name);
    const taken = new Set(directory.records.map(({ raw }) => plainName(nameBytesOf(raw), kind)));
    const hasVersions = endsInVersions(root, kind) || endsInVersions(directory, kind);
    const written = writtenName(name, { kind, isDirectory, taken, hasVersions });
    const systemUse =
      skip === undefined
        ? Buffer.alloc(0)
        : Buffer.concat([Buffer.alloc(skip), makeSystemUse({ name, what, pxBytes, date })]);
    const raw = makeRecord({ name: encodeName(written, kind), ...at, isDirectory, date, systemUse });
    const record = { raw, name, isDirectory, continues: false, isZisofs: false, isMoved: false };
    insertSorted(directory.records, record, kind);
    directory.isChanged = true;
    return record;
  }

  /** A new directory's own record, or that of its parent: by its place, as nobody reads a name there. */
  function ownRecord(name: "." | "..", at: Place, date: Buffer): DirectoryRecord {
    const entries = makeSystemUse({ name: undefined, what: "directory", pxBytes, date });
    const systemUse = skip === undefined ? Buffer.alloc(0) : Buffer.concat([Buffer.alloc(skip), entries]);
    const mark = Buffer.from([name === "." ? 0 : 1]);
    const raw = makeRecord({ name: mark, ...at, isDirectory: true, date, systemUse });
    return { raw, name, isDirectory: true, continues: false, isZisofs: false, isMoved: false };
  }

  function makeDirectory(parent: Directory, name: string): Directory {
    const record = add(parent, name, "directory", { block: 0, sizeBytes: SECTOR_BYTES });
    const date = parent.records[0]!.raw.subarray(18, 25);
    const { block, sizeBytes } = parent;
    return {
      path: `${parent.path}/${name}`,
      block: 0,
      sizeBytes: 0,
      records: [
        ownRecord(".", { block: 0, sizeBytes: SECTOR_BYTES }, date),
        ownRecord("..", { block, sizeBytes }, date),
      ],
      parent,
      record,
      isChanged: true,
      isNew: true,
    };
  }

  return { add, makeDirectory };
}

/** Points the first of a file's records at the new content; those of its further parts go. */
export function replace(directory: Directory, record: DirectoryRecord, at: Place): void {
  if (record.isDirectory) throw notAFile(`${directory.path}/${record.name}`);
  refuseMoved(record);
  refuseStrange(record);
  const index = directory.records.indexOf(record);
  let parts = 1;
  while (directory.records[index + parts - 1]?.continues === true) parts += 1;
  directory.records.splice(index + 1, parts - 1);
  record.continues = false;
  endFile(record.raw);
  pointTo(record.raw, at.block, at.sizeBytes);
  // What stands there now is not compressed; an unknown entry of the same length is passed over.
  if (record.isZisofs)
    for (const entry of entriesOf(systemUseOf(record.raw)))
      if (entry.toString("latin1", 0, 2) === "ZF") entry.write("PD", 0, "latin1");
  directory.isChanged = true;
}

/** Refuses what ECMA-119 allows and nobody writes: extended attributes and interleaved files. */
function refuseStrange({ raw, name }: DirectoryRecord): void {
  if (raw[1] === 0 && raw[26] === 0 && raw[27] === 0) return;
  throw refusal(
    "iso-unsupported",
    `${name} on the ISO image is interleaved or has extended attributes, which cannot be patched`,
    "Make the image anew with xorriso.",
  );
}

/** Before the first that sorts behind it, so that those which are there keep their order. */
function insertSorted(records: DirectoryRecord[], record: DirectoryRecord, kind: Volume["kind"]): void {
  const key = sortKey(nameBytesOf(record.raw), kind);
  const behind = records.findIndex(({ raw }, index) => index >= 2 && sortKey(nameBytesOf(raw), kind) > key);
  records.splice(behind === -1 ? records.length : behind, 0, record);
}

function endsInVersions(directory: Directory, kind: Volume["kind"]): boolean {
  const files = directory.records.filter(({ isDirectory }) => !isDirectory);
  if (files.length === 0) return kind === "primary";
  return files.some(({ raw }) => /;\0?1$/.test(nameBytesOf(raw).toString("latin1")));
}

function notAFile(path: string): Error {
  return refusal("files-invalid", `${path} is a directory on the ISO image`, "Give another path.");
}

function needsRockRidge(name: string): Error {
  return refusal(
    "files-invalid",
    `The ISO image has plain ISO 9660 names only, and ${name} is none`,
    "Give a name of at most 8 and 3 letters, digits and underscores, such as KS.CFG.",
  );
}

/** Refuses what stands for a directory that Rock Ridge had to move up (RRIP, 4.1.5). */
export function refuseMoved({ isMoved, name }: DirectoryRecord): void {
  if (!isMoved) return;
  throw refusal(
    "iso-unsupported",
    `The directory ${name} of the ISO image was moved for its depth, and cannot be patched`,
    "Put the file into a directory that is less deep.",
  );
}
