import type { IncomingMessage, ServerResponse } from "node:http";
import type { ByteRange, Disc } from "../disc.ts";
import { createBuffers } from "./buffers.ts";
import { createOpenFiles, type OpenFile, type OpenFiles } from "./open-files.ts";
import { isRangeCurrent, judgePreconditions } from "./preconditions.ts";
import { parseRange } from "./range.ts";
import { type Piece, piecesOf } from "./sectioned.ts";
import { send } from "./send.ts";

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

/** When a client may ask again for a disc whose bytes this process still has to fetch. */
const FETCHED_AGAIN_S = 5;

/** @param blobs gives the path of a digest's bytes; undefined while this process lacks them */
export function createDiscServer(blobs: (digest: string) => Promise<string | undefined>): DiscServer {
  const open = createOpenFiles(blobs);
  const buffers = createBuffers();
  return {
    close: () => open.close(),
    async serve(request, response, disc, onRead, bring = async () => false) {
      const { status, headers, body } = decide(request, disc);
      if (body === undefined) return finish(response, status, headers);
      const pieces = piecesOf(disc, body);
      const files = new Map<string, OpenFile>();
      try {
        // Everything is open before the first header goes out: a missing blob is an answer, not a cut connection.
        const isHere = holdOpen(open, pieces, files) || (await holdAll(open, pieces, files));
        if (!isHere && !((await bring()) && (await holdAll(open, pieces, files))))
          return finish(response, 503, ["retry-after", FETCHED_AGAIN_S]);
        response.writeHead(status, headers);
        const { start } = body;
        const onSent = (range: ByteRange) => onRead({ ...range, requestStart: start });
        await send(response, { pieces, files, start, buffers, onSent });
        return status;
      } finally {
        for (const file of files.values()) open.release(file);
      }
    },
  };
}

/** Names and values in turn, which Node writes as they are. */
type Headers = (string | number)[];

interface DiscAnswer {
  status: number;
  headers: Headers;
  /** What is to be sent; undefined for an answer without a body. */
  body?: ByteRange;
}

/** Says what a request gets, by its method and headers alone. */
function decide({ method, headers: asked }: IncomingMessage, disc: Disc): DiscAnswer {
  if (method !== "GET" && method !== "HEAD") return { status: 405, headers: ["allow", "GET, HEAD"] };
  const etag = `"${disc.etag}"`;
  const headers: Headers = ["accept-ranges", "bytes", "etag", etag];
  headers.push("cache-control", "private, no-transform");
  const stopped = judgePreconditions(asked, etag);
  if (stopped !== undefined) return { status: stopped, headers };
  const { sizeBytes } = disc;
  const range =
    method === "GET" && isRangeCurrent(asked, etag) ? parseRange(asked.range, sizeBytes) : "whole";
  if (range === "unsatisfiable")
    return { status: 416, headers: [...headers, "content-range", `bytes */${sizeBytes}`] };
  headers.push("content-type", "application/octet-stream");
  if (range !== "whole") {
    const { start, end } = range;
    headers.push("content-length", end - start, "content-range", `bytes ${start}-${end - 1}/${sizeBytes}`);
    return { status: 206, headers, body: range };
  }
  headers.push("content-length", sizeBytes);
  // A range means nothing to HEAD (RFC 9110, 14.2), and BMCs ask by it how large the disc is.
  return method === "HEAD" || sizeBytes === 0
    ? { status: 200, headers }
    : { status: 200, headers, body: { start: 0, end: sizeBytes } };
}

/** Ends an answer that has no body; `HEAD` and 304 keep the headers that describe what they leave out. */
function finish(response: ServerResponse, status: number, headers: Headers): number {
  const hasLength = headers.includes("content-length") || status === 304;
  response.writeHead(status, hasLength ? headers : [...headers, "content-length", 0]).end();
  return status;
}

/** Holds what is open already, which all but the first reads find so. @returns whether that was everything */
function holdOpen(open: OpenFiles, pieces: readonly Piece[], files: Map<string, OpenFile>): boolean {
  let isAll = true;
  for (const { section } of pieces) {
    if (section.kind !== "blob" || files.has(section.digest)) continue;
    const file = open.holdOpen(section.digest);
    if (file === undefined) isAll = false;
    else files.set(section.digest, file);
  }
  return isAll;
}

/** @returns whether nothing is lacking */
async function holdAll(
  open: OpenFiles,
  pieces: readonly Piece[],
  files: Map<string, OpenFile>,
): Promise<boolean> {
  for (const { section } of pieces) {
    if (section.kind !== "blob" || files.has(section.digest)) continue;
    const file = await open.hold(section.digest);
    if (file === undefined) return false;
    files.set(section.digest, file);
  }
  return true;
}
