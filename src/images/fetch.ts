import { setTimeout as delay } from "node:timers/promises";
import type { Algorithm, Checksum } from "./checksum.ts";
import { ImageError } from "./errors.ts";
import type { Blobs } from "./keep/blobs.ts";
import { openSink, type Sink } from "./keep/sink.ts";
import type { Part, Source, Version } from "./source/source.ts";
import type { StoredImage } from "./image.ts";

/** A fetch that came to its end. */
export interface Fetched {
  image: StoredImage;
  /** The digests that were asked for, where they are not sha256. */
  aliases: string[];
  version: Version | null;
}

/** Bounds of one fetch, over all of its connections. */
export interface FetchLimits {
  maxBytes: number;
  maxMs: number;
}

export interface FetchOrder {
  source: Source;
  /** Each of them is what the bytes must have. */
  checksums: readonly Checksum[];
  blobs: Blobs;
  signal: AbortSignal;
  /** Pause before a cut-off fetch is continued, doubled with each try that brings nothing. */
  resumePauseMs: number;
  limits: FetchLimits;
  onProgress(bytesRead: number, sizeBytes: number | null): void;
  /** Told of the digest just before its blob appears, so that it can be pinned. */
  onDigest(digest: string): void;
}

/** Cuts without a byte between them, and beginnings anew, after which a fetch is given up. */
const FRUITLESS_TRIES = 6;
const BEGINNINGS = 3;

/**
 * Fetches one image into the store: hashes while writing, goes on where a connection was cut, and keeps the file only
 * when it is what was asked for.
 *
 * @throws ImageError, and nothing is left behind
 */
export async function fetchImage(order: FetchOrder): Promise<Fetched> {
  const { blobs, checksums } = order;
  const others = checksums.filter(({ algorithm }) => algorithm !== "sha256");
  const algorithms = new Set<Algorithm>(["sha256", ...others.map(({ algorithm }) => algorithm)]);
  const sink = await openSink(blobs, [...algorithms]);
  try {
    const { version, digests } = await readSound(order, sink);
    const digest = `sha256:${digests.get("sha256")!}`;
    order.onDigest(digest);
    const image = await blobs.adopt(sink.path, digest, sink.bytes);
    return { image, version, aliases: others.map(({ algorithm, hex }) => `${algorithm}:${hex}`) };
  } finally {
    await sink.end();
  }
}

/** Reads what has all checksums, from the next place of the source where one has sent something else or nothing more. */
async function readSound(
  order: FetchOrder,
  sink: Sink,
): Promise<{ version: Version | null; digests: Digests }> {
  for (;;) {
    try {
      const version = await readInTime(order, sink);
      const digests = await sink.finish();
      const wrong = order.checksums.find(({ algorithm, hex }) => digests.get(algorithm) !== hex);
      if (wrong === undefined) return { version, digests };
      throw mismatch(order.source, wrong, digests);
    } catch (error) {
      const isOfPlace =
        error instanceof ImageError && (error.retryable || error.code === "image-checksum-mismatch");
      if (!isOfPlace || order.signal.aborted || order.source.leaveOut?.() !== true) throw error;
      await sink.restart();
    }
  }
}

async function readInTime(order: FetchOrder, sink: Sink): Promise<Version | null> {
  const { maxMs } = order.limits;
  const late = AbortSignal.timeout(maxMs);
  try {
    return await readAll({ ...order, signal: AbortSignal.any([order.signal, late]) }, sink);
  } catch (error) {
    if (!late.aborted || order.signal.aborted) throw error;
    throw new ImageError(`${order.source.shown} was not read within ${maxMs / 1000} s`, {
      code: "image-unreachable",
      retryable: false,
      hint: "Find out what is slow, or raise TRAYLOAD_IMAGE_TIMEOUT_MS.",
    });
  }
}

/** Reads to the end of the source, over as many connections as that takes within bounds. */
async function readAll(order: FetchOrder, sink: Sink): Promise<Version | null> {
  let part: Part | undefined = await order.source.open(0, null, order.signal);
  const { version, resumes } = part;
  // Without a validator another file may have taken the place; a checksum would tell.
  const mayGoOn = resumes && (version !== null || order.checksums.length > 0);
  let beginnings = 1;
  let fruitless = 0;
  for (let cut: ImageError | undefined; ; ) {
    const before = sink.bytes;
    if (part !== undefined) cut = await append(order, part, sink).finally(() => part?.close());
    if (cut === undefined) return part?.version ?? version;
    fruitless = sink.bytes > before ? 0 : fruitless + 1;
    if (!cut.retryable || !mayGoOn || fruitless >= FRUITLESS_TRIES) throw cut;
    await pause(Math.max(order.resumePauseMs * 2 ** fruitless, cut.retryAfterMs ?? 0), order.signal);
    const next = await reopen(order, sink.bytes, version);
    if (next instanceof ImageError) cut = next;
    part = next instanceof ImageError ? undefined : next;
    if (part?.offset !== 0) continue;
    beginnings += 1;
    if (beginnings > BEGINNINGS) throw cut;
    await sink.restart();
  }
}

/** Ends early, without an error, when the fetch is called off: the next exchange then fails by itself. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => {});
}

/** Opens the rest, or says what kept it from that where it may pass. */
async function reopen(order: FetchOrder, from: number, version: Version | null): Promise<Part | ImageError> {
  try {
    return await order.source.open(from, version, order.signal);
  } catch (error) {
    if (error instanceof ImageError && error.retryable && !order.signal.aborted) return error;
    throw error;
  }
}

/** Writes what comes of a part. @returns how it was cut off; undefined when it came to its end */
async function append(order: FetchOrder, part: Part, sink: Sink): Promise<ImageError | undefined> {
  const { sizeBytes } = part;
  if (sizeBytes !== null) {
    checkSize(order, sizeBytes);
    await sink.expect(sizeBytes);
  }
  order.onProgress(sink.bytes, sizeBytes);
  const bytes = part.body[Symbol.asyncIterator]();
  for (;;) {
    const next = await bytes.next().catch((error: unknown) => asImageError(error, order.source));
    if (next instanceof ImageError) return next;
    if (next.done === true) break;
    checkSize(order, sink.bytes + next.value.length);
    await sink.write(next.value);
    order.onProgress(sink.bytes, sizeBytes);
    // More than a registry's manifest promised: the digest will tell that it is something else.
    if (sizeBytes !== null && sink.bytes > sizeBytes) break;
  }
  if (sizeBytes === null || sink.bytes >= sizeBytes) return undefined;
  return lost(order.source, `ended after ${sink.bytes} of ${sizeBytes} bytes`);
}

function checkSize({ source, limits: { maxBytes } }: FetchOrder, bytes: number): void {
  if (bytes <= maxBytes) return;
  throw new ImageError(`${source.shown} has more than ${maxBytes} bytes`, {
    code: "image-too-large",
    retryable: false,
    hint: "Raise TRAYLOAD_IMAGE_MAX_BYTES, if the image is what you think it is.",
  });
}

function asImageError(error: unknown, source: Source): ImageError {
  return error instanceof ImageError ? error : lost(source, "could not be read", error);
}

function lost(source: Source, what: string, cause?: unknown): ImageError {
  return new ImageError(`${source.shown} ${what}`, {
    code: "image-unreachable",
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

type Digests = ReadonlyMap<Algorithm, string>;

function mismatch(source: Source, { algorithm, hex }: Checksum, digests: Digests): ImageError {
  const found = digests.get(algorithm);
  return new ImageError(`${source.shown} has ${algorithm}:${found}, and ${algorithm}:${hex} was asked for`, {
    code: "image-checksum-mismatch",
    retryable: false,
    hint: "The file was changed or the checksum belongs to another one; take both from the same release.",
  });
}
