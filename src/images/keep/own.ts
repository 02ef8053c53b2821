import { createHash } from "node:crypto";
import type { StoredImage } from "../store.ts";
import type { Blobs } from "./blobs.ts";
import type { LedgerFile } from "./ledger.ts";
import { openSink } from "./sink.ts";

/** Blobs that nobody fetched: they were made here, and are kept like all others. */
export interface OwnBlobs {
  /** @throws ImageError when the store has no room */
  add(bytes: Uint8Array, holder: string): Promise<StoredImage>;
  hold(digest: string, holder: string): Promise<StoredImage | undefined>;
}

export function createOwnBlobs(blobs: Blobs, ledgerFile: LedgerFile): OwnBlobs {
  async function hold(digest: string, holder: string): Promise<StoredImage | undefined> {
    if (blobs.find(digest) === undefined) return undefined;
    const held = (ledgerFile.ledger.pins[holder] ??= {});
    blobs.touch(digest);
    if (held[digest] !== digest) {
      held[digest] = digest;
      await ledgerFile.save();
    }
    return blobs.find(digest);
  }

  return {
    hold,
    async add(bytes, holder) {
      const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      const here = await hold(digest, holder);
      if (here !== undefined) return here;
      const sink = await openSink(blobs, []);
      try {
        await sink.expect(bytes.length);
        await sink.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
        await sink.finish();
        // Held before it is there, lest it be the first to go for the next image.
        (ledgerFile.ledger.pins[holder] ??= {})[digest] = digest;
        const image = await blobs.adopt(sink.path, digest, bytes.length);
        await ledgerFile.save();
        return image;
      } finally {
        await sink.end();
      }
    },
  };
}
