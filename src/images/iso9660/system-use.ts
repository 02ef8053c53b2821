import { SECTOR_BYTES } from "../el-torito.ts";
import type { ReadAt } from "../inspect/read-at.ts";
import { damaged } from "./damage.ts";

/** What the System Use Sharing Protocol and Rock Ridge say in one record. */
export interface SystemUse {
  /** Real name, from the NM entries; undefined where there is none. */
  name: string | undefined;
  /** Signatures of the entries, in order. */
  signatures: string[];
  /** Length of the image's own PX entry: 36, or 44 in newer ones. */
  pxBytes: number;
}

/** Continuation areas that are followed for one record; writers need one or two. */
const CONTINUATIONS = 8;

/**
 * Reads the entries of a record's system use area and of its continuations (SUSP 1.12, 5.1).
 *
 * @param area behind the bytes that SP tells to skip
 */
export async function readSystemUse(read: ReadAt, area: Buffer, originBlock: number): Promise<SystemUse> {
  const found: SystemUse = { name: undefined, signatures: [], pxBytes: 36 };
  let name: string | undefined;
  let rest: Buffer | undefined = area;
  for (let hops = 0; rest !== undefined && hops <= CONTINUATIONS; hops += 1) {
    let next: { at: number; length: number } | undefined;
    for (const entry of entriesOf(rest)) {
      const signature = entry.toString("latin1", 0, 2);
      found.signatures.push(signature);
      if (signature === "NM" && entry.length >= 5) name = (name ?? "") + entry.toString("utf8", 5);
      if (signature === "PX") found.pxBytes = entry.length;
      if (signature === "CE" && entry.length >= 28) next = continuation(entry, originBlock);
    }
    rest = next && (await read(next.at, next.length));
  }
  found.name = name;
  return found;
}

function continuation(entry: Buffer, originBlock: number): { at: number; length: number } {
  const offset = entry.readUInt32LE(12);
  const length = entry.readUInt32LE(20);
  if (offset + length > SECTOR_BYTES) throw damaged("a continuation of a directory record leaves its block");
  return { at: (entry.readUInt32LE(4) + originBlock) * SECTOR_BYTES + offset, length };
}

/** The entries as they lie; ends at ST, at a length that cannot be, and at the end. */
export function* entriesOf(area: Buffer): Generator<Buffer> {
  for (let at = 0; at + 4 <= area.length; ) {
    const length = area[at + 2]!;
    if (length < 4 || at + length > area.length) return;
    const entry = area.subarray(at, at + length);
    if (entry.toString("latin1", 0, 2) === "ST") return;
    yield entry;
    at += length;
  }
}

/** What a new record stands for, and the mode that Rock Ridge gives it. */
export type Made = keyof typeof MODES;
const MODES = { directory: 0o40555, file: 0o100444, program: 0o100555 };

/** PX, TF and NM of a new file or directory: enough for Linux, GRUB, xorriso, isoinfo and 7z alike. */
export function makeSystemUse(facts: {
  name: string | undefined;
  what: Made;
  pxBytes: number;
  date: Buffer;
}): Buffer {
  const px = Buffer.alloc(facts.pxBytes === 44 ? 44 : 36);
  px.write("PX", 0, "latin1");
  px[2] = px.length;
  px[3] = 1;
  // One link for directories too: Linux then does not let find(1) skip what is below.
  for (const [at, value] of [
    [4, MODES[facts.what]],
    [12, 1],
  ] as const) {
    px.writeUInt32LE(value, at);
    px.writeUInt32BE(value, at + 4);
  }
  const tf = Buffer.alloc(26);
  tf.write("TF\x1a\x01\x0e", 0, "latin1");
  for (const at of [5, 12, 19]) facts.date.copy(tf, at, 0, 7);
  if (facts.name === undefined) return Buffer.concat([px, tf]);
  const nm = Buffer.from(`NM\0\x01\0${facts.name}`, "utf8");
  nm[2] = nm.length;
  return Buffer.concat([px, tf, nm]);
}
