import { SECTOR_BYTES } from "../el-torito.ts";
import type { Overlay } from "../patch/overlay.ts";
import { damaged } from "./damage.ts";
import { sortKey } from "./names.ts";
import { writeBoth32 } from "./record.ts";
import type { Volume } from "./volumes.ts";

/** One directory in a path table (ECMA-119, 9.4). */
interface PathEntry {
  name: Buffer;
  block: number;
  children: PathEntry[];
}

/** A directory that was made, by the blocks of itself and of its parent after all moves. */
export interface NewDirectory {
  name: Buffer;
  block: number;
  parentBlock: number;
}

/** Offsets of the tables' places in the descriptor (ECMA-119, 8.4.15 to 8.4.18). */
const PLACES = [
  { at: 140, isBig: false },
  { at: 144, isBig: false },
  { at: 148, isBig: true },
  { at: 152, isBig: true },
] as const;
const SIZE_AT = 132;
const LARGEST_BYTES = 8 * 1024 * 1024;

/** Has the path tables say where directories lie now: in place while there are the same ones, else anew in the tail. */
export async function updatePathTables(
  overlay: Overlay,
  volume: Volume,
  moved: ReadonlyMap<number, number>,
  made: readonly NewDirectory[],
): Promise<void> {
  if (moved.size === 0 && made.length === 0) return;
  const descriptor = await overlay.read(volume.descriptorAt, SECTOR_BYTES);
  const sizeBytes = descriptor.readUInt32LE(SIZE_AT);
  if (sizeBytes > LARGEST_BYTES) throw damaged("its path table is larger than any can be");
  if (made.length > 0) return rebuild(overlay, volume, descriptor, { sizeBytes, moved, made });
  for (const { at, isBig } of PLACES) {
    const block = isBig ? descriptor.readUInt32BE(at) : descriptor.readUInt32LE(at);
    if (block === 0) continue;
    const start = (block + volume.originBlock) * SECTOR_BYTES;
    const table = await overlay.read(start, sizeBytes);
    for (const { offset } of entriesOf(table)) {
      const found = isBig ? table.readUInt32BE(offset + 2) : table.readUInt32LE(offset + 2);
      const now = moved.get(found);
      if (now !== undefined) await overlay.write(start + offset + 2, number32(now, isBig));
    }
  }
}

async function rebuild(
  overlay: Overlay,
  volume: Volume,
  descriptor: Buffer,
  facts: { sizeBytes: number; moved: ReadonlyMap<number, number>; made: readonly NewDirectory[] },
): Promise<void> {
  const start = (descriptor.readUInt32LE(140) + volume.originBlock) * SECTOR_BYTES;
  const root = readTable(await overlay.read(start, facts.sizeBytes), facts.moved);
  addAll(root, facts.made, volume.kind);
  const fields = Buffer.alloc(24);
  const places = [false, true].map((isBig) => {
    const table = writeTable(root, isBig);
    writeBoth32(fields, 0, table.length);
    return overlay.append(table) - volume.originBlock;
  });
  fields.writeUInt32LE(places[0]!, 140 - SIZE_AT);
  fields.writeUInt32BE(places[1]!, 148 - SIZE_AT);
  await overlay.write(volume.descriptorAt + SIZE_AT, fields);
}

function* entriesOf(table: Buffer): Generator<{ offset: number; nameEnd: number }> {
  for (let offset = 0; offset + 8 < table.length; ) {
    const length = table[offset]!;
    const nameEnd = offset + 8 + length;
    if (length === 0 || nameEnd > table.length) throw damaged("its path table is broken");
    yield { offset, nameEnd };
    offset = nameEnd + (length % 2);
  }
}

/** The directories as a tree; each names its parent by number, which must be an earlier one. */
function readTable(table: Buffer, moved: ReadonlyMap<number, number>): PathEntry {
  const entries: PathEntry[] = [];
  for (const { offset, nameEnd } of entriesOf(table)) {
    const block = table.readUInt32LE(offset + 2);
    const name = Buffer.from(table.subarray(offset + 8, nameEnd));
    const entry = { name, block: moved.get(block) ?? block, children: [] };
    const parent = entries[table.readUInt16LE(offset + 6) - 1];
    if (entries.length > 0 && parent === undefined) throw damaged("its path table is out of order");
    parent?.children.push(entry);
    entries.push(entry);
  }
  if (entries[0] === undefined) throw damaged("its path table is empty");
  return entries[0];
}

function addAll(root: PathEntry, made: readonly NewDirectory[], kind: Volume["kind"]): void {
  const byBlock = new Map(byLevel(root).map((entry) => [entry.block, entry]));
  for (const { name, block, parentBlock } of made) {
    const parent = byBlock.get(parentBlock);
    if (parent === undefined) throw damaged("its path table lacks a directory");
    const entry = { name, block, children: [] };
    const behind = parent.children.findIndex((other) => sortKey(other.name, kind) > sortKey(name, kind));
    parent.children.splice(behind === -1 ? parent.children.length : behind, 0, entry);
    byBlock.set(block, entry);
  }
}

/** The root, then its children, then theirs: the order of the table (ECMA-119, 6.9.1). */
function byLevel(root: PathEntry): PathEntry[] {
  const all = [root];
  for (const entry of all) all.push(...entry.children);
  return all;
}

function writeTable(root: PathEntry, isBig: boolean): Buffer {
  const all = byLevel(root);
  const numbers = new Map(all.map((entry, index) => [entry, index + 1]));
  const parents = new Map(all.flatMap((entry) => entry.children.map((child) => [child, entry] as const)));
  return Buffer.concat(
    all.map((entry) => {
      const raw = Buffer.alloc(8 + entry.name.length + (entry.name.length % 2));
      raw[0] = entry.name.length;
      number32(entry.block, isBig).copy(raw, 2);
      const parent = numbers.get(parents.get(entry) ?? entry)!;
      if (isBig) raw.writeUInt16BE(parent, 6);
      else raw.writeUInt16LE(parent, 6);
      entry.name.copy(raw, 8);
      return raw;
    }),
  );
}

function number32(value: number, isBig: boolean): Buffer {
  const bytes = Buffer.alloc(4);
  if (isBig) bytes.writeUInt32BE(value);
  else bytes.writeUInt32LE(value);
  return bytes;
}
