import type { Content } from "../content.ts";
import { SECTOR_BYTES } from "../el-torito.ts";
import { type Nested, nest } from "../nest.ts";
import { isoNames } from "./names.ts";

/** A file on a disc. Several files with the very same content object share its blocks. */
export interface IsoFile {
  /** Absolute, with `/` between the names. */
  path: string;
  content: Content;
  /** Whether the system may run it. */
  executable?: boolean;
}

/** Names that one entry has in the three trees: the plain one, Rock Ridge's (its real name) and Joliet's. */
export interface Names {
  real: string;
  iso: string;
  joliet: string;
}

export interface FileEntry {
  kind: "file";
  names: Names;
  file: IsoFile;
}

export interface Directory {
  kind: "directory";
  names: Names;
  /** Itself for the root. */
  parent: Directory;
  entries: (FileEntry | Directory)[];
}

/** Puts files into directories. @throws RangeError when a path is a file and a directory at once, or comes twice */
export function buildTree(files: readonly IsoFile[]): Directory {
  const names = { real: "", iso: "\0", joliet: "\0" };
  const root: Directory = { kind: "directory", names, parent: undefined as never, entries: [] };
  root.parent = root;
  fill(root, nest(files));
  return root;
}

function fill(directory: Directory, nested: Nested<IsoFile>): void {
  const entries = [...nested].map(([name, what]) => ({ name, isDirectory: what instanceof Map }));
  const names = isoNames(entries);
  for (const [index, [, what]] of [...nested].entries()) {
    const own = names[index]!;
    if (!(what instanceof Map)) directory.entries.push({ kind: "file", names: own, file: what });
    else {
      const child: Directory = { kind: "directory", names: own, parent: directory, entries: [] };
      fill(child, what);
      directory.entries.push(child);
    }
  }
}

/** Blocks that so many bytes take. */
export const sectorsOf = (sizeBytes: number): number => Math.ceil(sizeBytes / SECTOR_BYTES);
