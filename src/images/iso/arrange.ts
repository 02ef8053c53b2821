import type { Content } from "../content.ts";
import { type Directories, layOutDirectories } from "./directories.ts";
import { JOLIET, plainFlavour } from "./flavour.ts";
import { buildTree, type IsoFile, sectorsOf } from "./tree.ts";

/** What comes first on every disc of ours, by sectors. El Torito demands the second descriptor at 17. */
export const FIXED = { descriptors: 16, catalogue: 20, continuation: 21, tables: 22 };

/** Behind the last file: GRUB reads by 32 KiB through a BIOS, and a read across the medium's end fails; xorriso pads so. */
const PADDING_SECTORS = 150;

/** A directory tree, and where its two path tables stand. */
export interface PlacedTree {
  directories: Directories;
  little: number;
  big: number;
  firstSector: number;
}

/** What stands where on a disc. */
export interface Arrangement {
  plain: PlacedTree;
  joliet: PlacedTree;
  /** Each content once, in the order of the disc. */
  contents: { content: Content; sector: number }[];
  sectorOf: (content: Content) => number;
  /** @throws RangeError when there is no such file */
  sectorOfPath: (path: string) => number;
  /** Of the whole disc. */
  sectors: number;
}

/** @throws RangeError for files that contradict each other */
export function arrange(files: readonly IsoFile[]): Arrangement {
  const root = buildTree(files);
  let next = FIXED.tables;
  const take = (sectors: number): number => {
    const sector = next;
    next += sectors;
    return sector;
  };
  const trees = [plainFlavour(FIXED.continuation), JOLIET].map((flavour) => {
    const directories = layOutDirectories(root, flavour);
    const table = sectorsOf(directories.pathTableBytes);
    const tree = {
      directories,
      little: take(table),
      big: take(table),
      firstSector: take(directories.sectors),
    };
    directories.place(tree.firstSector);
    return tree;
  });
  const sectors = new Map<Content, number>();
  for (const { content } of files)
    if (!sectors.has(content)) sectors.set(content, take(sectorsOf(content.sizeBytes)));
  return {
    plain: trees[0]!,
    joliet: trees[1]!,
    contents: [...sectors].map(([content, sector]) => ({ content, sector })),
    sectorOf: (content) => sectors.get(content)!,
    sectorOfPath(path) {
      const file = files.find((one) => one.path === path);
      if (file === undefined) throw new RangeError(`the disc has no ${path}`);
      return sectors.get(file.content)!;
    },
    sectors: take(PADDING_SECTORS) + PADDING_SECTORS,
  };
}
