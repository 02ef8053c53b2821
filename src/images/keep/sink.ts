import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import type { Algorithm } from "../checksum.ts";
import type { Blobs } from "./blobs.ts";
import { failOnDisk } from "./disk.ts";

/** A temporary file that is hashed while it is written. */
export interface Sink {
  readonly path: string;
  readonly bytes: number;
  /** Makes sure that the store has room for a file of this size, before its bytes come. */
  expect(sizeBytes: number): Promise<void>;
  write(chunk: Buffer): Promise<void>;
  /** Begins anew. */
  restart(): Promise<void>;
  /** Makes the file durable. @returns hex digests by algorithm */
  finish(): Promise<Map<Algorithm, string>>;
  /** Closes the file, gives its room back, and removes it where it still is. */
  end(): Promise<void>;
}

/** Room is asked for in such pieces where the size is not known. */
const ROOM_BYTES = 64 * 1024 * 1024;

/** Opens a new temporary file; fails with `image-store-full` or `image-too-large` when there is no room. */
export async function openSink(blobs: Blobs, algorithms: readonly Algorithm[]): Promise<Sink> {
  const path = blobs.temporary();
  const handle = await open(path, "wx", 0o600).catch(failOnDisk);
  const begin = (): Map<Algorithm, Hash> => new Map(algorithms.map((name) => [name, createHash(name)]));
  let hashes = begin();
  let bytes = 0;
  let reserved = 0;

  async function expect(sizeBytes: number): Promise<void> {
    if (sizeBytes <= reserved) return;
    blobs.reserve(sizeBytes - reserved);
    reserved = sizeBytes;
  }

  return {
    path,
    get bytes() {
      return bytes;
    },
    expect,
    async write(chunk) {
      // By pieces only where nobody said the size: a small image must fit into a small store.
      if (bytes + chunk.length > reserved)
        await expect(bytes + chunk.length + ROOM_BYTES).catch(() => expect(bytes + chunk.length));
      for (const hash of hashes.values()) hash.update(chunk);
      await writeWhole(handle, chunk, bytes);
      bytes += chunk.length;
    },
    async restart() {
      hashes = begin();
      bytes = 0;
      await handle.truncate(0).catch(failOnDisk);
    },
    async finish() {
      await handle.sync().catch(failOnDisk);
      return new Map([...hashes].map(([name, hash]) => [name, hash.digest("hex")]));
    },
    async end() {
      await handle.close();
      await rm(path, { force: true });
      blobs.giveBack(reserved);
      reserved = 0;
    },
  };
}

async function writeWhole(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle
      .write(chunk, done, chunk.length - done, position + done)
      .catch(failOnDisk);
    done += bytesWritten;
  }
}
