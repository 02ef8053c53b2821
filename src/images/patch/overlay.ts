import { createHash } from "node:crypto";
import { type Content, contentOfImage } from "../content.ts";
import type { Extent } from "../disc.ts";
import { SECTOR_BYTES } from "../el-torito.ts";
import type { ReadAt } from "../inspect/read-at.ts";
import type { StoredImage } from "../image.ts";

/** What a file is to hold: bytes, or parts that are stored already. */
export type FileContent = Buffer | Content;

/** The content of a file as a request has it. */
export function asContent(content: Uint8Array | StoredImage): FileContent {
  if (!(content instanceof Uint8Array)) return contentOfImage(content);
  return Buffer.from(content.buffer, content.byteOffset, content.length);
}

/** Bytes over an image that stays as it is: some replaced in the view, some appended behind its last block. */
export interface Overlay {
  /** Sees what was written and appended; reads nothing of appended content that is stored elsewhere, which nobody needs to look into. */
  read: ReadAt;
  /** Replaces bytes of the image, or of what was appended as bytes. */
  write(offset: number, bytes: Buffer): Promise<void>;
  /** Puts content behind all there is. @returns the number of its first 2048-byte block */
  append(content: FileContent): number;
  /** The view's size in whole blocks, up to here. */
  blocks(): number;
  /** The view as extents, with so many blocks of zeros at its end. */
  finish(paddingBlocks: number): { extents: Extent[]; sizeBytes: number; etag: string; ownBytes: number };
}

interface Piece {
  start: number;
  length: number;
  content: FileContent;
}

/** Runs of changed bytes that are nearer than this become one: each extent costs about as much. */
const MERGED_GAP_BYTES = 48;

/** @param base reads the image below, whose bytes the extents name by its digest */
export function createOverlay(image: StoredImage, base: ReadAt): Overlay {
  const changed = new Map<number, { before: Buffer; now: Buffer }>();
  const tail: Piece[] = [];
  const firstTailBlock = Math.ceil(image.sizeBytes / SECTOR_BYTES);
  let nextBlock = firstTailBlock;

  async function blockForWriting(block: number): Promise<Buffer> {
    const known = changed.get(block);
    if (known !== undefined) return known.now;
    const before = await base(block * SECTOR_BYTES, SECTOR_BYTES);
    const fresh = { before, now: Buffer.from(before) };
    changed.set(block, fresh);
    return fresh.now;
  }

  function pieceAt(offset: number): Piece | undefined {
    return tail.find(({ start, length }) => offset >= start && offset < start + length);
  }

  async function readBase(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.from(await base(offset, length));
    const last = Math.floor((offset + bytes.length - 1) / SECTOR_BYTES);
    for (let block = Math.floor(offset / SECTOR_BYTES); block <= last; block += 1) {
      const now = changed.get(block)?.now;
      const from = Math.max(offset - block * SECTOR_BYTES, 0);
      now?.copy(bytes, Math.max(block * SECTOR_BYTES - offset, 0), from);
    }
    return bytes;
  }

  return {
    async read(offset, length) {
      const wanted = Math.min(length, nextBlock * SECTOR_BYTES - offset);
      if (wanted <= 0) return Buffer.alloc(0);
      if (offset < image.sizeBytes) return readBase(offset, Math.min(wanted, image.sizeBytes - offset));
      const piece = pieceAt(offset);
      if (piece === undefined || !Buffer.isBuffer(piece.content)) return Buffer.alloc(0);
      return piece.content.subarray(offset - piece.start, offset - piece.start + wanted);
    },
    async write(offset, bytes) {
      const piece = pieceAt(offset);
      if (piece !== undefined && Buffer.isBuffer(piece.content))
        return void bytes.copy(piece.content, offset - piece.start);
      for (let done = 0; done < bytes.length; ) {
        const block = Math.floor((offset + done) / SECTOR_BYTES);
        const at = offset + done - block * SECTOR_BYTES;
        const copied = bytes.copy(await blockForWriting(block), at, done);
        if (copied === 0) throw new RangeError(`byte ${offset + done} is not in the image`);
        done += copied;
      }
    },
    append(content) {
      const block = nextBlock;
      const length = Buffer.isBuffer(content) ? content.length : content.sizeBytes;
      if (length > 0) tail.push({ start: block * SECTOR_BYTES, length, content });
      nextBlock += Math.ceil(length / SECTOR_BYTES);
      return block;
    },
    blocks: () => nextBlock,
    finish(paddingBlocks) {
      const sizeBytes = (nextBlock + paddingBlocks) * SECTOR_BYTES;
      const extents = [...layOver(image, changed), ...layTail(image.sizeBytes, tail, sizeBytes)];
      return { extents, sizeBytes, etag: tagOf(extents), ownBytes: ownBytesOf(extents) };
    },
  };
}

/** The image with its changed bytes replaced. */
function layOver(
  image: StoredImage,
  changed: ReadonlyMap<number, { before: Buffer; now: Buffer }>,
): Extent[] {
  const extents: Extent[] = [];
  let at = 0;
  const keepUntil = (end: number): void => {
    if (end > at) extents.push({ kind: "blob", digest: image.digest, offset: at, length: end - at });
    at = end;
  };
  for (const block of Array.from(changed.keys()).toSorted((one, other) => one - other)) {
    const { before, now } = changed.get(block)!;
    for (const { start, end } of runsThatDiffer(before, now)) {
      keepUntil(block * SECTOR_BYTES + start);
      extents.push(bytesExtent(now.subarray(start, end)));
      at = block * SECTOR_BYTES + end;
    }
  }
  keepUntil(image.sizeBytes);
  return extents;
}

function layTail(baseBytes: number, tail: readonly Piece[], sizeBytes: number): Extent[] {
  const extents: Extent[] = [];
  let at = baseBytes;
  const zerosUntil = (end: number): void => {
    if (end > at) extents.push({ kind: "zeros", length: end - at });
  };
  for (const { start, length, content } of tail) {
    zerosUntil(start);
    if (Buffer.isBuffer(content)) extents.push(...bytesWithoutZeros(content));
    else extents.push(...content.extents);
    at = start + length;
  }
  zerosUntil(sizeBytes);
  return extents;
}

/** Blocks of directories are mostly empty behind their records. */
function bytesWithoutZeros(content: Buffer): Extent[] {
  const runs = runsThatDiffer(Buffer.alloc(content.length), content);
  const extents: Extent[] = [];
  let at = 0;
  for (const { start, end } of [...runs, { start: content.length, end: content.length }]) {
    if (start > at) extents.push({ kind: "zeros", length: start - at });
    if (end > start) extents.push(bytesExtent(content.subarray(start, end)));
    at = end;
  }
  return extents;
}

function runsThatDiffer(before: Buffer, now: Buffer): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (let at = 0; at < now.length; at += 1) {
    if (before[at] === now[at]) continue;
    const last = runs.at(-1);
    if (last !== undefined && at - last.end < MERGED_GAP_BYTES) last.end = at + 1;
    else runs.push({ start: at, end: at + 1 });
  }
  return runs;
}

function bytesExtent(bytes: Buffer): Extent {
  return { kind: "bytes", base64: bytes.toString("base64"), length: bytes.length };
}

/** Equal content gives equal extents, as nothing in them depends on time or chance. */
function tagOf(extents: readonly Extent[]): string {
  return `extents-${createHash("sha256").update(JSON.stringify(extents)).digest("hex")}`;
}

function ownBytesOf(extents: readonly Extent[]): number {
  return extents.reduce((sum, extent) => sum + (extent.kind === "bytes" ? extent.length : 0), 0);
}
