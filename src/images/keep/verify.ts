import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { StoredImage } from "../image.ts";
import type { Blobs } from "./blobs.ts";

/**
 * Reads a copy again, and takes it away where its bytes are not what they were: whoever holds it gets it again from its
 * source.
 *
 * @returns undefined when there is no such copy
 */
export async function verifyBlob(blobs: Blobs, digest: string): Promise<boolean | undefined> {
  const image = blobs.find(digest);
  if (image === undefined) return undefined;
  if (await isSound(image)) return true;
  blobs.remove(digest, true);
  return false;
}

async function isSound({ path, digest }: StoredImage): Promise<boolean> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
      hash.update(chunk as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "EIO")
      return false;
    throw error;
  }
  return `sha256:${hash.digest("hex")}` === digest;
}
