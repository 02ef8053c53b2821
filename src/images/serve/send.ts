import { read } from "node:fs";
import type { ServerResponse } from "node:http";
import type { ByteRange } from "../disc.ts";
import type { Buffers } from "./buffers.ts";
import type { OpenFile } from "./open-files.ts";
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

/** What a range of zeros is sent from; nobody writes to it. */
const ZEROS = Buffer.alloc(128 * 1024);

interface Filled {
  chunk: Buffer;
  /** To be given back; none for bytes that are the disc's own. */
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
  const { buffers } = sending;
  const rest = createRest(sending.pieces);
  let at = sending.start;
  let ready: Filled | undefined;
  let isReading = false;
  let underWay: Filled | undefined;
  let isOver = false;

  function end(failure?: Error): void {
    isOver = true;
    // Until then the file that is read must not be closed.
    if (isReading) return;
    response.off("close", gone);
    if (ready?.buffer !== undefined) buffers.give(ready.buffer);
    if (underWay?.buffer !== undefined) buffers.leave();
    ready = undefined;
    underWay = undefined;
    if (failure === undefined) resolve();
    else reject(failure);
  }
  const gone = (): void => end();

  function readNext(): void {
    const own = rest.takeOwn();
    if (own !== undefined) {
      ready = { chunk: own, buffer: undefined };
      return;
    }
    const { digest, offset, length } = rest.blob();
    const buffer = buffers.take(length);
    isReading = true;
    read(
      sending.files.get(digest)!.fd,
      buffer,
      0,
      Math.min(length, buffer.length),
      offset,
      (error, count) => {
        isReading = false;
        if (isOver || error !== null || count === 0) {
          buffers.give(buffer);
          // A file that holds less than its extent says: a cut connection is told from an end, made-up bytes are not.
          if (!isOver) response.destroy();
          return end(error ?? undefined);
        }
        rest.took(count);
        ready = { chunk: buffer.subarray(0, count), buffer };
        goOn();
      },
    );
  }

  function write(filled: Filled): void {
    const { chunk, buffer } = filled;
    const range = { start: at, end: at + chunk.length };
    at = range.end;
    underWay = filled;
    const isLast = rest.isEmpty();
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
    const isAhead = ready !== undefined || isReading || rest.isEmpty();
    if (underWay !== undefined && !isAhead && buffers.hasPlenty()) readNext();
  }

  if (response.destroyed) resolve();
  else {
    response.once("close", gone);
    goOn();
  }
  return promise;
}

/** What is still to be read of some pieces. */
interface Rest {
  isEmpty(): boolean;
  /** The next bytes where no file has to be read for them. */
  takeOwn(): Buffer | undefined;
  /** Where the next bytes lie otherwise. */
  blob(): { digest: string; offset: number; length: number };
  /** So much of that was read. */
  took(bytes: number): void;
}

function createRest(pieces: readonly Piece[]): Rest {
  let index = 0;
  let done = pieces[0]?.from ?? 0;
  function took(bytes: number): void {
    done += bytes;
    if (done < pieces[index]!.to) return;
    index += 1;
    done = pieces[index]?.from ?? 0;
  }
  return {
    isEmpty: () => index >= pieces.length,
    took,
    takeOwn() {
      const { section, to } = pieces[index]!;
      if (section.kind === "blob") return undefined;
      const chunk =
        section.kind === "bytes" ? section.bytes.subarray(done, to) : ZEROS.subarray(0, to - done);
      took(chunk.length);
      return chunk;
    },
    blob() {
      const { section, to } = pieces[index]!;
      if (section.kind !== "blob") throw new TypeError("these bytes lie in no file");
      return { digest: section.digest, offset: section.offset + done, length: to - done };
    },
  };
}
