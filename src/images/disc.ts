import { createHash } from "node:crypto";
import type { IsoReport } from "./iso.ts";
import type { StoredImage } from "./image.ts";

/** Bytes `[start, end)` of a disc. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * A slice of a stored blob, a few bytes of the node's own, or zeros, of which a file system has many between its
 * blocks; extents follow each other without gaps.
 */
export type Extent =
  | { kind: "blob"; digest: string; offset: number; length: number }
  | { kind: "bytes"; base64: string; length: number }
  | { kind: "zeros"; length: number };

/** What one deployment's slot reads: plain data, so that it can be kept in the record and served by any process. */
export interface Disc {
  /** Unique per deployment and attempt: `disc_` and a ULID. */
  id: string;
  sizeBytes: number;
  extents: Extent[];
  /** Strong entity tag, without quotes. */
  etag: string;
  /** Where firmware looks when it boots, from El Torito; reads of these tell a boot from other reads. */
  boot: {
    catalogue: ByteRange;
    images: (ByteRange & { platform: "bios" | "efi" | "other" })[];
  };
}

/** The disc that is an ISO image as it is. Its tag is the content's digest, so that equal bytes have equal tags. */
export function discOfIso(image: StoredImage, report: IsoReport, discId: string): Disc {
  return {
    id: discId,
    sizeBytes: image.sizeBytes,
    extents: [{ kind: "blob", digest: image.digest, offset: 0, length: image.sizeBytes }],
    etag: image.digest.replace("sha256:", "sha256-"),
    boot: { catalogue: report.catalogue, images: report.images },
  };
}

/** A stored file as it is, served as discs are. It boots nothing. */
export function fileOfImage({ digest, sizeBytes }: StoredImage, id: string): Disc {
  const extents: Extent[] = [{ kind: "blob", digest, offset: 0, length: sizeBytes }];
  return { id, sizeBytes, extents, etag: digest.replace("sha256:", "sha256-"), boot: NO_BOOT };
}

/** The same of bytes that are a node's own. */
export function fileOfBytes(bytes: Uint8Array, id: string): Disc {
  const length = bytes.length;
  const extents: Extent[] = [{ kind: "bytes", base64: Buffer.from(bytes).toString("base64"), length }];
  const etag = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
  return { id, sizeBytes: length, extents, etag, boot: NO_BOOT };
}

const NO_BOOT: Disc["boot"] = { catalogue: { start: 0, end: 0 }, images: [] };

/** A tag for a disc of our own: equal for equal bytes only, since everything that is not stored under its digest stands in the extents. */
export function tagOf({ sizeBytes, extents }: Pick<Disc, "sizeBytes" | "extents">): string {
  const hash = createHash("sha256").update(`${sizeBytes}`);
  for (const extent of extents) {
    const what =
      extent.kind === "blob"
        ? `${extent.digest} ${extent.offset}`
        : extent.kind === "bytes"
          ? extent.base64
          : "";
    hash.update(`\n${extent.kind} ${extent.length} ${what}`);
  }
  return `composed-${hash.digest("hex")}`;
}

/** The parts of the extents that make up a range of the disc, in order. */
export function slice(extents: readonly Extent[], range: ByteRange): Extent[] {
  const parts: Extent[] = [];
  let at = 0;
  for (const extent of extents) {
    const from = Math.max(range.start - at, 0);
    const to = Math.min(range.end - at, extent.length);
    if (from < to) parts.push(cut(extent, from, to));
    at += extent.length;
    if (at >= range.end) break;
  }
  return parts;
}

function cut(extent: Extent, from: number, to: number): Extent {
  const length = to - from;
  if (extent.kind === "blob") return { ...extent, offset: extent.offset + from, length };
  if (extent.kind === "zeros") return { kind: "zeros", length };
  return { kind: "bytes", base64: Buffer.from(extent.base64, "base64").toString("base64", from, to), length };
}
