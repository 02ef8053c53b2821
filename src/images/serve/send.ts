import { read, readSync } from "node:fs";
import type { ServerResponse } from "node:http";
import type { ByteRange } from "../disc.ts";
import type { Buffers } from "./buffers.ts";
import type { OpenFile } from "./open-files.ts";
import { createRest } from "./rest.ts";
import type { Piece } from "./sectioned.ts";

/** What is to be sent, from where. */
export interface Sending {
  pieces: readonly Piece[];
  /** Every file that the pieces name, by digest. */
  files: ReadonlyMap<string, OpenFile>;
  /** Where the first piece stands on the disc. */
  start: number;
  buffers: Buffers;
  /** Told of each range when the system has taken it. */
  onSent(range: ByteRange): void;
}

/** Bytes to be written. */
interface Filled {
  chunk: Buffer;
  /** What holds them, to be given back; none for those of the disc's own. */
  buffer: Buffer | undefined;
}

/**
 * Sends pieces as the body of an answer, and reads the next bytes while the last ones are on their way. By callbacks, as this
 * runs thousands of times for each boot.
 *
 * @returns a promise that is kept when nothing of it is read or written any more, whether the reader has got it or has gone
 */
export function send(response: ServerResponse, sending: Sending): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { buffers, files } = sending;
  const rest = createRest(sending.pieces);
  let at = sending.start;
  let ready: Filled | undefined;
  let underWay: Filled | undefined;
  let isReading = false;
  let isOver = false;

  function end(failure?: unknown): void {
    isOver = true;
    // Until then the file that is read must not be closed.
    if (isReading) return;
    response.off("close", gone);
    if (ready?.buffer !== undefined) buffers.give(ready.buffer);
    if (underWay?.buffer !== undefined) buffers.leave();
    ready = undefined;
    underWay = undefined;
    if (failure === undefined) resolve();
    else reject(failure as Error);
  }
  const gone = (): void => end();

  /** A cut connection is told from an end, and made-up bytes are not. */
  function cut(failure?: unknown): void {
    response.destroy();
    end(failure);
  }

  function readNext(): void {
    const next = rest.next()!;
    if (next.kind === "own") {
      rest.took(next.bytes.length);
      ready = { chunk: next.bytes, buffer: undefined };
      return;
    }
    const file = files.get(next.digest)!;
    const buffer = buffers.take(next.length);
    const bytes = Math.min(next.length, buffer.length);
    if (file.warmth.has(next.offset, bytes)) return readNow(file, buffer, bytes, next.offset);
    isReading = true;
    read(file.fd, buffer, 0, bytes, next.offset, (error, count) => {
      isReading = false;
      if (error === null) file.warmth.note(next.offset, count);
      fill(buffer, count, error);
      if (!isOver) goOn();
    });
  }

  function readNow({ fd, warmth }: OpenFile, buffer: Buffer, bytes: number, offset: number): void {
    const begunMs = performance.now();
    try {
      const count = readSync(fd, buffer, 0, bytes, offset);
      warmth.note(offset, count);
      warmth.took(performance.now() - begunMs);
      fill(buffer, count, null);
    } catch (error) {
      fill(buffer, 0, error);
    }
  }

  function fill(buffer: Buffer, count: number, error: unknown): void {
    if (!isOver && count > 0 && error === null) {
      rest.took(count);
      ready = { chunk: buffer.subarray(0, count), buffer };
      return;
    }
    buffers.give(buffer);
    if (isOver) end();
    // None where the file holds less than its extent says.
    else cut(error ?? undefined);
  }

  function write(filled: Filled): void {
    const { chunk, buffer } = filled;
    const range = { start: at, end: at + chunk.length };
    at = range.end;
    underWay = filled;
    const isLast = rest.next() === undefined;
    const written = (error?: Error | null): void => {
      if (isOver) return;
      if (error !== undefined && error !== null) return end();
      underWay = undefined;
      if (buffer !== undefined) buffers.give(buffer);
      sending.onSent(range);
      if (isLast) end();
      else goOn();
    };
    if (isLast) response.end(chunk, written);
    else response.write(chunk, written);
  }

  function goOn(): void {
    if (underWay === undefined && ready === undefined && !isReading) readNext();
    if (underWay === undefined && ready !== undefined) {
      const next = ready;
      ready = undefined;
      write(next);
    }
    if (underWay !== undefined && ready === undefined && !isReading && isWorthAhead()) readNext();
  }

  /** What lies in memory is there when its turn comes. */
  function isWorthAhead(): boolean {
    const next = rest.next();
    if (next?.kind !== "stored" || !buffers.hasPlenty()) return false;
    return !files.get(next.digest)!.warmth.has(next.offset, 1);
  }

  if (response.destroyed) resolve();
  else {
    response.once("close", gone);
    goOn();
  }
  return promise;
}
