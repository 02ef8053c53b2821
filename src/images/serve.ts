import type { IncomingMessage, ServerResponse } from "node:http";
import { type ByteRange, type Disc, type Extent, slice } from "./disc.ts";
import { createOpenFiles, type HeldFile, type OpenFiles } from "./open-files.ts";
import { isRangeCurrent, judgePreconditions } from "./preconditions.ts";
import { parseRange } from "./range.ts";

/** A range that was handed to the network, and where the request that it answers began. */
export interface SentRange extends ByteRange {
  requestStart: number;
}

/** Answers requests for discs as RFC 9110 has it. */
export interface DiscServer {
  /**
   * Answers one request; resolves to the status when the answer has ended, either way.
   *
   * @param onRead told of each range as it goes out, for GET only
   * @param bring asked when bytes are not here, before anything is answered; says whether they are by now
   */
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    disc: Disc,
    onRead: (range: SentRange) => void,
    bring?: () => Promise<boolean>,
  ): Promise<number>;
  close(): Promise<void>;
}

/** One read of a file and one write to a socket; a mount asks for less, an installer for a few of these. */
const CHUNK_BYTES = 128 * 1024;
/** What a range of zeros is sent from; nobody writes to it. */
const ZEROS = Buffer.alloc(CHUNK_BYTES);
/** Buffers kept for the next reads; more are in use only while more readers are slower than the disk. */
const BUFFERS_KEPT = 32;
/** When a client may ask again for a disc whose bytes this process still has to fetch. */
const FETCHED_AGAIN_S = 5;

/** @param blobs gives the path of a digest's bytes; undefined while this process lacks them */
export function createDiscServer(blobs: (digest: string) => Promise<string | undefined>): DiscServer {
  const files = createOpenFiles(blobs);
  const buffers = createBuffers();
  return {
    close: () => files.close(),
    async serve(request, response, disc, onRead, bring = async () => false) {
      const answer = decide(request, disc);
      if (answer.body === undefined) return finish(response, answer.status, answer.headers);
      const parts = slice(disc.extents, answer.body);
      const held =
        (await holdAll(files, parts)) ?? ((await bring()) ? await holdAll(files, parts) : undefined);
      if (held === undefined) return finish(response, 503, { "retry-after": FETCHED_AGAIN_S });
      try {
        response.writeHead(answer.status, answer.headers);
        await send(response, chunks(parts, held, buffers), answer.body.start, onRead);
      } finally {
        for (const file of held.values()) file.release();
      }
      return answer.status;
    },
  };
}

interface DiscAnswer {
  status: number;
  headers: Record<string, string | number>;
  /** What is to be sent; undefined for an answer without a body. */
  body?: ByteRange;
}

/** Says what a request gets, by its method and headers alone. */
function decide(request: IncomingMessage, disc: Disc): DiscAnswer {
  const { method, headers: asked } = request;
  if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { allow: "GET, HEAD" } };
  const etag = `"${disc.etag}"`;
  const headers = { "accept-ranges": "bytes", etag, "cache-control": "private, no-transform" };
  const stopped = judgePreconditions(asked, etag);
  if (stopped !== undefined) return { status: stopped, headers };
  const whole = { ...headers, "content-type": "application/octet-stream", "content-length": disc.sizeBytes };
  // A range means nothing to HEAD (RFC 9110, 14.2), and BMCs ask by it how large the disc is.
  if (method === "HEAD") return { status: 200, headers: whole };
  const range = isRangeCurrent(asked, etag) ? parseRange(asked.range, disc.sizeBytes) : "whole";
  if (range === "unsatisfiable")
    return { status: 416, headers: { ...headers, "content-range": `bytes */${disc.sizeBytes}` } };
  if (range === "whole") return { status: 200, headers: whole, body: { start: 0, end: disc.sizeBytes } };
  const partial = {
    ...whole,
    "content-length": range.end - range.start,
    "content-range": `bytes ${range.start}-${range.end - 1}/${disc.sizeBytes}`,
  };
  return { status: 206, headers: partial, body: range };
}

/** Ends an answer that has no body; `HEAD` and 304 keep the headers that describe what they leave out. */
function finish(response: ServerResponse, status: number, headers: DiscAnswer["headers"]): number {
  const hasLength = "content-length" in headers || status === 304;
  response.writeHead(status, hasLength ? headers : { ...headers, "content-length": 0 }).end();
  return status;
}

/** Opens everything before the first header goes out, so that a missing blob is an answer and not a cut connection. */
async function holdAll(
  files: OpenFiles,
  parts: readonly Extent[],
): Promise<Map<string, HeldFile> | undefined> {
  const held = new Map<string, HeldFile>();
  for (const part of parts) {
    if (part.kind !== "blob" || held.has(part.digest)) continue;
    const file = await files.hold(part.digest);
    if (file === undefined) {
      for (const other of held.values()) other.release();
      return undefined;
    }
    held.set(part.digest, file);
  }
  return held;
}

async function send(
  response: ServerResponse,
  pieces: AsyncIterable<Buffer | "short">,
  requestStart: number,
  onRead: (range: SentRange) => void,
): Promise<void> {
  let at = requestStart;
  for await (const chunk of pieces) {
    if (chunk === "short") return void response.destroy();
    const range = { start: at, end: at + chunk.length, requestStart };
    at = range.end;
    if (!(await write(response, chunk, () => onRead(range)))) return;
  }
  response.end();
}

/** Buffers of one size that are used again and again, since a boot takes thousands. */
interface Buffers {
  take(): Buffer;
  give(buffer: Buffer): void;
}

function createBuffers(): Buffers {
  const kept: Buffer[] = [];
  return {
    take: () => kept.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES),
    give: (buffer) => void (kept.length < BUFFERS_KEPT && kept.push(buffer)),
  };
}

/**
 * The bytes of the extents in pieces, each good until the next is asked for; "short" when a file holds less than its extent
 * says.
 */
async function* chunks(
  parts: readonly Extent[],
  held: ReadonlyMap<string, HeldFile>,
  buffers: Buffers,
): AsyncGenerator<Buffer | "short"> {
  for (const part of parts) {
    if (part.kind === "bytes") {
      yield Buffer.from(part.base64, "base64");
      continue;
    }
    if (part.kind === "zeros") {
      for (let left = part.length; left > 0; left -= CHUNK_BYTES) yield ZEROS.subarray(0, left);
      continue;
    }
    const { handle } = held.get(part.digest)!;
    for (let done = 0; done < part.length; ) {
      const wanted = Math.min(CHUNK_BYTES, part.length - done);
      const buffer = buffers.take();
      const { bytesRead } = await handle.read(buffer, 0, wanted, part.offset + done);
      if (bytesRead === 0) return yield "short";
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
      // Not reached when the reader has gone: what was under way to it may still be in use then.
      buffers.give(buffer);
    }
  }
}

/** Writes with backpressure. @returns false when the reader has gone */
function write(response: ServerResponse, chunk: Buffer, onSent: () => void): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    response.once("close", gone);
    response.write(chunk, (error) => {
      response.off("close", gone);
      if (error === null || error === undefined) onSent();
      resolve(error === null || error === undefined);
    });
  });
}
