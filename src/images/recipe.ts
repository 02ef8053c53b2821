import { createReadStream } from "node:fs";
import { pipeline, type Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { ImageError } from "./errors.ts";
import { readMember } from "./tar.ts";

export type Unpack = "gzip" | "zstd";

/** What is to be done with what a source sends before it is the image: unpacked, and one file taken out of a tar archive. */
export interface Recipe {
  unpack: Unpack | null;
  member: string | null;
}

/** Names what a recipe makes of a blob; equal for equal bytes. */
export function recipeKey(digest: string, { unpack, member }: Recipe): string {
  return `${digest}>${unpack ?? ""}>${member ?? ""}`;
}

/** RFC 1952, 2.3.1, and RFC 8878, 3.1.1; xz is told from them to be refused in words. */
const MAGIC: [Unpack | "xz", Buffer][] = [
  ["gzip", Buffer.from([0x1f, 0x8b])],
  ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a])],
];

/**
 * Follows a recipe. An archive that a member is taken from may be packed, as its first bytes tell.
 *
 * @param most bytes that may be unpacked on the way: a small file can hold a very long one
 * @throws ImageError `image-format-mismatch`, `image-member-not-found`, `image-too-large`
 */
export async function* follow(
  { unpack, member }: Recipe,
  path: string,
  { shown, most }: { shown: string; most: number },
): AsyncGenerator<Buffer> {
  const packing = unpack ?? (member === null ? null : await packingOf(path, shown));
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  const plain = packing === null ? file : unpacked(file, packing);
  try {
    const bytes = bounded(plain, shown, most);
    if (member === null) yield* bytes;
    else yield* readMember(bytes, member, shown);
  } catch (error) {
    if (error instanceof ImageError || packing === null) throw error;
    throw new ImageError(`${shown} is not the ${packing} file that it seems to be`, {
      code: "image-format-mismatch",
      retryable: false,
      cause: error,
    });
  } finally {
    plain.destroy();
    file.destroy();
  }
}

function unpacked(file: Readable, packing: Unpack): Transform {
  // The reader of the last stream sees the error of any.
  return pipeline(file, packing === "gzip" ? createGunzip() : createZstdDecompress(), () => {});
}

async function packingOf(path: string, shown: string): Promise<Unpack | null> {
  const [start = Buffer.alloc(0)] = (await createReadStream(path, { end: 7 }).toArray()) as Buffer[];
  const [packing = null] = MAGIC.find(([, magic]) => start.subarray(0, magic.length).equals(magic)) ?? [];
  if (packing !== "xz") return packing;
  throw new ImageError(`${shown} is packed with xz`, {
    code: "image-format-mismatch",
    retryable: false,
    hint: "Members are taken from tar archives that are plain or packed with gzip or zstd.",
  });
}

async function* bounded(stream: Readable, shown: string, most: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length;
    if (bytes > most)
      throw new ImageError(`${shown} unpacks to more than ${most} bytes`, {
        code: "image-too-large",
        retryable: false,
        hint: "Raise TRAYLOAD_IMAGE_MAX_BYTES, if the image is what you think it is.",
      });
    yield chunk as Buffer;
  }
}
