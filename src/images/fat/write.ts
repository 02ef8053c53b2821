import { type Content, createExtentWriter } from "../content.ts";
import { type Nested, nest } from "../nest.ts";
import { ATTRIBUTE, ENTRY_BYTES, entryCount, nameEntries, shortEntry } from "./entries.ts";
import { type FatName, fatNames } from "./names.ts";
import { chooseShape, FAT_SECTOR_BYTES, FATS, ROOT_ENTRIES, type Shape } from "./shape.ts";
import { allocationTable, bootSector, fatLabel } from "./table.ts";

export interface FatFile {
  /** Absolute, with `/` between the names. */
  path: string;
  content: Content;
}

/** What takes clusters, in the order of the image: a directory (its entries follow later) or a file. */
interface Item {
  name: FatName;
  parent: Item | null;
  /** Null for a file. */
  children: Item[] | null;
  content: Content | null;
  cluster: number;
}

/**
 * Lays out a FAT file system (Microsoft FAT specification 1.03) as large as its files need, as boot images are. Contents are
 * placed and not read.
 *
 * @throws RangeError when the files contradict each other, or need more than FAT16 has
 */
export function writeFat(label: string, files: readonly FatFile[]): Content {
  const top = itemsOf(nest(files), null);
  const all = flatten(top);
  const shape = chooseShape((bytes) => all.reduce((sum, item) => sum + clustersOf(item, bytes), 0));
  const runs = all.map((item) => clustersOf(item, shape.clusterBytes));
  let cluster = 2;
  for (const [index, item] of all.entries()) {
    // An empty file has no cluster.
    item.cluster = runs[index] === 0 ? 0 : cluster;
    cluster += runs[index]!;
  }
  const writer = createExtentWriter();
  writer.bytes(bootSector(shape, label));
  const table = allocationTable(shape, runs);
  for (let copy = 0; copy < FATS; copy += 1) writer.bytes(table);
  writer.bytes(rootDirectory(label, top));
  for (const item of all) {
    if (item.cluster === 0) continue;
    writer.zerosTo(offsetOf(shape, item.cluster));
    if (item.children === null) writer.content(item.content!);
    else writer.bytes(directory(item, item.children));
  }
  writer.zerosTo(shape.sectors * FAT_SECTOR_BYTES);
  return { sizeBytes: writer.at, extents: writer.extents() };
}

function itemsOf(nested: Nested<FatFile>, parent: Item | null): Item[] {
  const names = fatNames([...nested.keys()]);
  return [...nested.values()].map((what, index) => {
    const item: Item = { name: names[index]!, parent, children: null, content: null, cluster: 0 };
    if (what instanceof Map) item.children = itemsOf(what, item);
    else item.content = what.content;
    return item;
  });
}

function flatten(items: readonly Item[]): Item[] {
  return items.flatMap((item) => [item, ...flatten(item.children ?? [])]);
}

function clustersOf({ children, content }: Item, clusterBytes: number): number {
  const bytes = children === null ? content!.sizeBytes : directoryBytes(children);
  return Math.ceil(bytes / clusterBytes);
}

/** With `.` and `..`. */
function directoryBytes(children: readonly Item[]): number {
  return (2 + children.reduce((sum, { name }) => sum + entryCount(name), 0)) * ENTRY_BYTES;
}

function rootDirectory(label: string, top: readonly Item[]): Buffer {
  const entries = Buffer.concat([shortEntry(fatLabel(label), ATTRIBUTE.label, 0, 0), ...top.map(entriesOf)]);
  const bytes = ROOT_ENTRIES * ENTRY_BYTES;
  if (entries.length > bytes) throw new RangeError("too many files in the root of a boot image");
  return Buffer.concat([entries], bytes);
}

function directory(self: Item, children: readonly Item[]): Buffer {
  return Buffer.concat([
    shortEntry(".".padEnd(11), ATTRIBUTE.directory, self.cluster, 0),
    // The root has no cluster, and is called 0.
    shortEntry("..".padEnd(11), ATTRIBUTE.directory, self.parent?.cluster ?? 0, 0),
    ...children.map(entriesOf),
  ]);
}

function entriesOf({ name, children, content, cluster }: Item): Buffer {
  if (children !== null) return nameEntries(name, ATTRIBUTE.directory, cluster, 0);
  return nameEntries(name, ATTRIBUTE.file, cluster, content!.sizeBytes);
}

function offsetOf(shape: Shape, cluster: number): number {
  return shape.dataSector * FAT_SECTOR_BYTES + (cluster - 2) * shape.clusterBytes;
}
