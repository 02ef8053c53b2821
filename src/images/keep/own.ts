import { createHash } from "node:crypto";
import type { StoredImage } from "../image.ts";
import type { BlobIndex } from "./blob-index.ts";
import type { Blobs } from "./blobs.ts";
import { openSink } from "./sink.ts";

/** Blobs that nobody fetched: they were made here, and are kept like all others. */
export interface OwnBlobs {
  /** @throws ImageError when the store has no room */
  add(bytes: Uint8Array, holder: string): Promise<StoredImage>;
  hold(digest: string, holder: string): StoredImage | undefined;
}

export function createOwnBlobs(blobs: Blobs, index: BlobIndex): OwnBlobs {
  function hold(digest: string, holder: string): StoredImage | undefined {
    if (blobs.find(digest) === undefined) return undefined;
    index.pin(holder, digest, digest);
    blobs.touch(digest);
    return blobs.find(digest);
  }

  return {
    hold,
    async add(bytes, holder) {
      const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      const here = hold(digest, holder);
      if (here !== undefined) return here;
      const sink = await openSink(blobs, []);
      try {
        await sink.expect(bytes.length);
        await sink.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
        await sink.finish();
        // Held before it is there, lest it be the first to go for the next image.
        index.pin(holder, digest, digest);
        return await blobs.adopt(sink.path, digest, bytes.length);
      } finally {
        await sink.end();
      }
    },
  };
}
