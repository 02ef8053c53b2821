/** Bytes `[start, end)` of a disc. */
export interface ByteRange {
  start: number;
  end: number;
}

/** A slice of a stored blob, or a few bytes of the node's own; extents follow each other without gaps. */
export type Extent =
  | { kind: "blob"; digest: string; offset: number; length: number }
  | { kind: "bytes"; base64: string; length: number };

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
