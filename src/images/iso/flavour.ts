import { ucs2 } from "./fields.ts";
import { compareNames } from "./names.ts";
import { ROCK_RIDGE_SELF, rockRidge, rockRidgeRoot } from "./rock-ridge.ts";
import type { Directory, FileEntry, Names } from "./tree.ts";

/** What one of a disc's two directory trees does in its own way; both name the same files. */
export interface Flavour {
  identify(names: Names): Buffer;
  /** In which order the records of a directory stand. */
  compare(one: Names, other: Names): number;
  /** What stands behind an entry's name in its record. */
  describe(entry: Directory | FileEntry): Buffer;
  /** The same for the records `.` and `..`. */
  describeSelf(directory: Directory, name: "." | ".."): Buffer;
}

const NOTHING = Buffer.alloc(0);

/** The tree of ECMA-119 with Rock Ridge, which Linux and GRUB read. */
export function plainFlavour(continuationSector: number): Flavour {
  return {
    identify: ({ iso }) => Buffer.from(iso, "latin1"),
    compare: (one, other) => compareNames(one.iso, other.iso),
    describe: (entry) =>
      rockRidge(entry.kind, entry.names.real, entry.kind === "file" && entry.file.executable === true),
    describeSelf: (directory, name) =>
      directory.parent === directory && name === "." ? rockRidgeRoot(continuationSector) : ROCK_RIDGE_SELF,
  };
}

/** The tree that Windows reads, and what stays where Rock Ridge is not understood. */
export const JOLIET: Flavour = {
  identify: ({ joliet }) => (joliet === "\0" ? Buffer.from([0]) : ucs2(joliet)),
  compare: (one, other) => Number(one.joliet > other.joliet) - Number(one.joliet < other.joliet),
  describe: () => NOTHING,
  describeSelf: () => NOTHING,
};
