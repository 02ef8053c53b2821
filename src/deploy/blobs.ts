/** Bytes that were sent ahead of the requests that name them, since they are too large to stand in one. */
export interface RequestBlob {
  /** `blob_` and a ULID. */
  id: string;
  /** `sha256:…`. */
  digest: string;
  sizeBytes: number;
  /** RFC 3339; from then on it is gone, unless somebody keeps it longer. */
  expiresAt: string;
}

/** Where such bytes are kept, for every process; encrypted at rest, since they may hold what a deployment keeps secret. */
export interface RequestBlobs {
  /** Keeps bytes for a day. */
  add(content: Buffer): Promise<RequestBlob>;
  /** @returns undefined when there is no such blob, or none any more */
  find(id: string): Promise<RequestBlob | undefined>;
  read(id: string): Promise<Buffer | undefined>;
  /** Keeps a blob so long at least, counted from now. @returns false when it is gone already */
  keep(id: string, forMs: number): Promise<boolean>;
}

/** Of one blob. */
export const REQUEST_BLOB_BYTES = 64 * 1024 * 1024;
