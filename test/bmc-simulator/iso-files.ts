import { DiscError, type DiscReader } from "./disc-reader.ts";

const SECTOR = 2048;
const DIRECTORY_FLAG = 2;
/** Larger directories and files no reader here asks for. */
const LARGEST_BYTES = 4 * 1024 * 1024;

/** One entry of a directory. */
interface Entry {
  name: string;
  block: number;
  sizeBytes: number;
  isDirectory: boolean;
}

/** Files of an ISO 9660 by their Rock Ridge names, in any case, as a mounted disc shows them. */
export interface IsoFiles {
  /** @returns undefined for a file that is not there */
  read(path: string): Promise<Buffer | undefined>;
  /** Names of the files, not the folders, of a folder; none where there is no such folder. */
  list(path: string): Promise<string[]>;
}

/** @throws DiscError for a disc that is no ISO 9660 */
export async function openIso(disc: DiscReader): Promise<IsoFiles> {
  const volume = await disc.read(16 * SECTOR, SECTOR);
  if (volume.toString("latin1", 1, 6) !== "CD001") throw new DiscError("the disc is no ISO 9660");
  const root = entryOf(volume.subarray(156, 190));

  async function entriesOf(folder: Entry): Promise<Entry[]> {
    const bytes = await disc.read(folder.block * SECTOR, Math.min(folder.sizeBytes, LARGEST_BYTES));
    return recordsOf(bytes).slice(2).map(entryOf);
  }

  async function find(path: string): Promise<Entry | undefined> {
    let at = root;
    for (const name of path.split("/").filter(Boolean)) {
      if (!at.isDirectory) return undefined;
      const next = (await entriesOf(at)).find((entry) => entry.name.toLowerCase() === name.toLowerCase());
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  return {
    async read(path) {
      const entry = await find(path);
      if (entry === undefined || entry.isDirectory) return undefined;
      if (entry.sizeBytes === 0) return Buffer.alloc(0);
      return disc.read(entry.block * SECTOR, Math.min(entry.sizeBytes, LARGEST_BYTES));
    },
    async list(path) {
      const folder = await find(path);
      if (folder?.isDirectory !== true) return [];
      return (await entriesOf(folder)).filter((entry) => !entry.isDirectory).map(({ name }) => name);
    },
  };
}

/** Records never cross a block; a length of zero means that the next begins with the next block (ECMA-119, 6.8.1). */
function recordsOf(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at]!;
    if (length < 34) {
      at = (Math.floor(at / SECTOR) + 1) * SECTOR;
      continue;
    }
    records.push(bytes.subarray(at, at + length));
    at += length;
  }
  return records;
}

function entryOf(record: Buffer): Entry {
  const nameLength = record[32]!;
  const plain = record.toString("latin1", 33, 33 + nameLength).replace(/(?:\.?;\d+)$/, "");
  return {
    name: rockRidgeName(record.subarray(33 + nameLength + ((nameLength + 1) % 2))) ?? plain,
    block: record.readUInt32LE(2),
    sizeBytes: record.readUInt32LE(10),
    isDirectory: (record[25]! & DIRECTORY_FLAG) !== 0,
  };
}

/** The parts of the entries NM (RRIP 1.12, 4.1.4); undefined where there is none. */
function rockRidgeName(area: Buffer): string | undefined {
  let name: string | undefined;
  for (let at = 0; at + 5 <= area.length && area[at + 2]! >= 4; at += area[at + 2]!)
    if (area.toString("latin1", at, at + 2) === "NM")
      name = `${name ?? ""}${area.toString("utf8", at + 5, at + area[at + 2]!)}`;
  return name;
}
