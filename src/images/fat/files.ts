import { ImageError } from "../errors.ts";
import { damaged } from "../iso9660/damage.ts";
import type { ReadAt } from "../inspect/read-at.ts";
import { chainOf, clusterAt, type FatLayout, readFatLayout, readFatTable, type FatTable } from "./fat.ts";

/** A file or directory in a FAT file system. */
export interface FatFile {
  name: string;
  isDirectory: boolean;
  sizeBytes: number;
  firstCluster: number;
  /** Byte offset of its 32-byte entry on the medium. */
  entryAt: number;
}

/** A FAT file system that is read. Names are found whatever their case. */
export interface FatVolume {
  readonly layout: FatLayout;
  readonly table: FatTable;
  list(path: string): Promise<FatFile[]>;
  find(path: string): Promise<FatFile | undefined>;
  /** Its bytes, or so many from its start. */
  content(file: FatFile, limit?: number): Promise<Buffer>;
}

const ENTRY_BYTES = 32;
/** What a directory on a boot image may take; a FAT directory of the specification ends at 65,536 entries. */
const DIRECTORY_BYTES = 2 * 1024 * 1024;
const VOLUME_LABEL = 0x08;
const DIRECTORY = 0x10;
const LONG_NAME = 0x0f;

/** Opens the FAT file system at a place of the medium; undefined where there is none. */
export async function openFat(read: ReadAt, start: number): Promise<FatVolume | undefined> {
  const layout = await readFatLayout(read, start);
  if (layout === undefined) return undefined;
  const table = await readFatTable(read, layout);

  /** The bytes of a directory, in the pieces in which they lie. */
  async function piecesOf(directory: FatFile | undefined): Promise<{ at: number; bytes: Buffer }[]> {
    if (directory === undefined && "at" in layout!.root) {
      const at = start + layout!.root.at;
      return [{ at, bytes: await read(at, layout!.root.bytes) }];
    }
    const first = directory?.firstCluster ?? ("cluster" in layout!.root ? layout!.root.cluster : 0);
    const chain = chainOf(layout!, table, first);
    if (chain.length * layout!.clusterBytes > DIRECTORY_BYTES)
      throw damaged("a directory in its FAT is too large");
    const places = chain.map((cluster) => clusterAt(layout!, cluster));
    return Promise.all(places.map(async (at) => ({ at, bytes: await read(at, layout!.clusterBytes) })));
  }

  async function open(path: string): Promise<FatFile[] | undefined> {
    let entries = readEntries(await piecesOf(undefined), layout!);
    for (const name of path.split("/").filter((part) => part !== "")) {
      const found = entries.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
      if (found === undefined || !found.isDirectory) return undefined;
      entries = readEntries(await piecesOf(found), layout!);
    }
    return entries;
  }

  return {
    layout,
    table,
    list: async (path) => (await open(path)) ?? [],
    async find(path) {
      const at = path.lastIndexOf("/");
      const name = path.slice(at + 1).toLowerCase();
      return (await open(path.slice(0, at)))?.find((entry) => entry.name.toLowerCase() === name);
    },
    async content(file, limit = file.sizeBytes) {
      const sizeBytes = Math.min(limit, file.sizeBytes);
      if (sizeBytes === 0) return Buffer.alloc(0);
      const chain = chainOf(layout, table, file.firstCluster);
      if (chain.length * layout.clusterBytes < file.sizeBytes)
        throw damaged(`${file.name} in its FAT boot image is longer than its clusters`);
      const needed = chain.slice(0, Math.ceil(sizeBytes / layout.clusterBytes));
      const parts = await Promise.all(
        needed.map((cluster) => read(clusterAt(layout, cluster), layout.clusterBytes)),
      );
      return Buffer.concat(parts).subarray(0, sizeBytes);
    },
  };
}

/**
 * Whether the FAT file system that fills a medium has a file; a broken one has none. A few kilobytes are read, whatever the
 * file holds.
 */
export async function hasFatFile(read: ReadAt, path: string): Promise<boolean> {
  try {
    const found = await (await openFat(read, 0))?.find(path);
    return found?.isDirectory === false;
  } catch (error) {
    if (error instanceof ImageError && error.code === "iso-damaged") return false;
    throw error;
  }
}

/** Entries with their long names, which stand before them, last part first (FAT specification, section 7). */
function readEntries(pieces: readonly { at: number; bytes: Buffer }[], layout: FatLayout): FatFile[] {
  const files: FatFile[] = [];
  let long = "";
  for (const { at, bytes } of pieces) {
    for (let offset = 0; offset + ENTRY_BYTES <= bytes.length; offset += ENTRY_BYTES) {
      const entry = bytes.subarray(offset, offset + ENTRY_BYTES);
      if (entry[0] === 0) return files;
      if (entry[0] === 0xe5) {
        long = "";
      } else if (entry[11] === LONG_NAME) {
        long = (entry[0]! & 0x40) === 0 ? longPart(entry) + long : longPart(entry);
      } else {
        // A directory's own two entries begin with a dot, and no other short name can.
        if ((entry[11]! & VOLUME_LABEL) === 0 && entry[0] !== 0x2e)
          files.push(understand(entry, at + offset, long, layout));
        long = "";
      }
    }
  }
  return files;
}

function understand(entry: Buffer, entryAt: number, long: string, layout: FatLayout): FatFile {
  const stem = entry.toString("latin1", 0, 8).trimEnd();
  const extension = entry.toString("latin1", 8, 11).trimEnd();
  const high = layout.bits === 32 ? entry.readUInt16LE(20) : 0;
  return {
    name: long === "" ? (extension === "" ? stem : `${stem}.${extension}`) : long,
    isDirectory: (entry[11]! & DIRECTORY) !== 0,
    sizeBytes: entry.readUInt32LE(28),
    firstCluster: high * 0x10000 + entry.readUInt16LE(26),
    entryAt,
  };
}

function longPart(entry: Buffer): string {
  const text = Buffer.concat([entry.subarray(1, 11), entry.subarray(14, 26), entry.subarray(28, 32)]);
  return text.toString("utf16le").replace(/[\0\uffff].*$/s, "");
}
