import { SECTOR_BYTES } from "../el-torito.ts";
import type { Overlay } from "../patch/overlay.ts";
import { refusal } from "./damage.ts";
import { commitDirectories } from "./commit.ts";
import { type Place, readDirectory } from "./directory.ts";
import { createMaker, refuseMoved, replace } from "./make.ts";
import { blockOf, type DirectoryRecord, sizeOf, systemUseOf } from "./record.ts";
import { entriesOf, readSystemUse } from "./system-use.ts";
import type { Volume } from "./volumes.ts";

/** A directory that was looked into; its records may have been changed since. */
export interface Directory extends Place {
  path: string;
  records: DirectoryRecord[];
  parent: Directory | undefined;
  /** What names it in its parent; the root is named by the descriptor alone. */
  record: DirectoryRecord | undefined;
  isChanged: boolean;
  isNew: boolean;
}

/** A file or directory that was found. Blocks count from the medium's start. */
export interface Found {
  /** As the image spells it, with a leading slash. */
  path: string;
  block: number;
  sizeBytes: number;
  isDirectory: boolean;
  record: DirectoryRecord;
}

/** One directory tree of an image. Paths are absolute, and found also where only the case differs. */
export interface Tree {
  readonly volume: Volume;
  readonly hasRockRidge: boolean;
  find(path: string): Promise<Found | undefined>;
  /** What a directory holds; nothing where there is none. */
  list(path: string): Promise<Found[]>;
  /** Points a file at other content; makes it, and the directories above it, where there is none. */
  put(path: string, block: number, sizeBytes: number, executable?: boolean): Promise<void>;
  /** Writes what was put into the overlay. Nothing may be put afterwards. */
  commit(): Promise<void>;
}

/** @throws ImageError `iso-damaged` */
export async function openTree(overlay: Overlay, volume: Volume): Promise<Tree> {
  const descriptor = await overlay.read(volume.descriptorAt, SECTOR_BYTES);
  const rootRecord = descriptor.subarray(156, 190);
  const place = { block: blockOf(rootRecord), sizeBytes: sizeOf(rootRecord) };
  const bare = await readDirectory(overlay.read, volume, place, undefined);
  const { skip, pxBytes } = await readRockRidge(overlay, volume, bare[0]!);
  const records = skip === undefined ? bare : await readDirectory(overlay.read, volume, place, skip);
  const root: Directory = {
    path: "",
    ...place,
    records,
    parent: undefined,
    record: undefined,
    isChanged: false,
    isNew: false,
  };
  const directories = new Map<DirectoryRecord, Directory>();
  const maker = createMaker({ volume, skip, pxBytes, root });

  async function enter(parent: Directory, record: DirectoryRecord): Promise<Directory> {
    const known = directories.get(record);
    if (known !== undefined) return known;
    const at = { block: blockOf(record.raw), sizeBytes: sizeOf(record.raw) };
    const opened: Directory = {
      path: `${parent.path}/${record.name}`,
      ...at,
      records: await readDirectory(overlay.read, volume, at, skip),
      parent,
      record,
      isChanged: false,
      isNew: false,
    };
    directories.set(record, opened);
    return opened;
  }

  /** The directory of these names, as far as there is one. */
  async function descend(names: readonly string[]): Promise<{ directory: Directory; left: string[] }> {
    let directory = root;
    for (const [index, name] of names.entries()) {
      const record = lookUp(directory, name);
      if (record === undefined) return { directory, left: names.slice(index) };
      refuseMoved(record);
      if (!record.isDirectory) throw notADirectory(`${directory.path}/${record.name}`);
      directory = await enter(directory, record);
    }
    return { directory, left: [] };
  }

  return {
    volume,
    hasRockRidge: skip !== undefined,
    async find(path) {
      const names = namesOf(path);
      const last = names.pop();
      if (last === undefined) return undefined;
      const { directory, left } = await descend(names).catch(ignoreFilesAbove);
      if (left.length > 0) return undefined;
      const record = lookUp(directory, last);
      return record && foundAt(directory, record, volume);
    },
    async list(path) {
      const { directory, left } = await descend(namesOf(path)).catch(ignoreFilesAbove);
      if (left.length > 0) return [];
      return directory.records.slice(2).map((record) => foundAt(directory, record, volume));
    },
    async put(path, block, sizeBytes, executable = false) {
      const names = namesOf(path);
      const last = names.pop()!;
      const { directory: above, left } = await descend(names);
      const directory = left.reduce((parent, name) => {
        const made = maker.makeDirectory(parent, name);
        directories.set(made.record!, made);
        return made;
      }, above);
      const at = { block: block - volume.originBlock, sizeBytes };
      const record = lookUp(directory, last);
      if (record === undefined) return void maker.add(directory, last, executable ? "program" : "file", at);
      replace(directory, record, at);
    },
    commit: () => commitDirectories(overlay, volume, [root, ...directories.values()]),
  };

  function ignoreFilesAbove(error: unknown): { directory: Directory; left: string[] } {
    if (error instanceof Error && "code" in error && error.code === "files-invalid")
      return { directory: root, left: [""] };
    throw error;
  }
}

/** How many bytes to skip in system use areas, as the root's own record says; undefined without Rock Ridge. */
async function readRockRidge(
  overlay: Overlay,
  volume: Volume,
  rootRecord: DirectoryRecord,
): Promise<{ skip: number | undefined; pxBytes: number }> {
  const area = systemUseOf(rootRecord.raw);
  const sp = entriesOf(area).next().value;
  if (sp?.length !== 7 || sp.toString("latin1", 0, 2) !== "SP" || sp.readUInt16BE(4) !== 0xbeef)
    return { skip: undefined, pxBytes: 36 };
  const { signatures, pxBytes } = await readSystemUse(overlay.read, area, volume.originBlock);
  return { skip: signatures.includes("PX") ? sp[6]! : undefined, pxBytes };
}

function lookUp(directory: Directory, name: string): DirectoryRecord | undefined {
  const entries = directory.records.slice(2);
  const lower = name.toLowerCase();
  return (
    entries.find((record) => record.name === name) ??
    entries.find((record) => record.name.toLowerCase() === lower)
  );
}

function foundAt(directory: Directory, record: DirectoryRecord, volume: Volume): Found {
  return {
    path: `${directory.path}/${record.name}`,
    block: blockOf(record.raw) + volume.originBlock,
    sizeBytes: sizeOf(record.raw),
    isDirectory: record.isDirectory,
    record,
  };
}

const namesOf = (path: string): string[] => path.split("/").filter((name) => name !== "");

function notADirectory(path: string): Error {
  return refusal("files-invalid", `${path} is a file on the ISO image`, "Give another path.");
}
