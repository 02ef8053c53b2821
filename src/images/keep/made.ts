import { ImageError } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import type { Blobs } from "./blobs.ts";
import { openSink } from "./sink.ts";

/**
 * Keeps bytes that were made of a blob, as one of their own.
 *
 * @throws ImageError, and nothing is left behind
 */
export async function keepMade(order: {
  blobs: Blobs;
  bytes: AsyncIterable<Buffer>;
  signal: AbortSignal;
  shown: string;
  /** Told of the digest just before its blob appears, so that it can be pinned. */
  onDigest(digest: string): void;
}): Promise<StoredImage> {
  const sink = await openSink(order.blobs, ["sha256"]);
  try {
    for await (const chunk of order.bytes) {
      if (order.signal.aborted) throw calledOff(order.shown);
      await sink.write(chunk);
    }
    const digest = `sha256:${(await sink.finish()).get("sha256")!}`;
    order.onDigest(digest);
    return await order.blobs.adopt(sink.path, digest, sink.bytes);
  } finally {
    await sink.end();
  }
}

function calledOff(shown: string): ImageError {
  return new ImageError(`${shown} was not unpacked to its end`, {
    code: "image-unreachable",
    retryable: true,
  });
}
