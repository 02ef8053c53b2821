import type { ImageError } from "./errors.ts";

/** Bytes that somebody wants: where they are and what they must be. */
export interface ImageRequest {
  /** `http(s)://` or `file://`. */
  url: string;
  /** `algo:hex` or bare hex (its length tells the algorithm); null takes what comes and says so. */
  checksum: string | null;
  /** Sent as `Authorization` to the image's own origin only. */
  auth?: { username: string; password: string } | { bearer: string };
}

/** One verified copy, shared by all who want the same bytes. */
export interface StoredImage {
  /** `sha256:…` of the content, whatever algorithm the request named. */
  digest: string;
  sizeBytes: number;
  /** Absolute path of the copy, or of the file itself for `file://`. */
  path: string;
}

export type FetchState =
  | { state: "fetching"; bytesRead: number; sizeBytes: number | null }
  | { state: "ready"; image: StoredImage }
  | { state: "failed"; error: ImageError };

/** The content-addressed store of this process's data directory. */
export interface ImageStore {
  /**
   * Joins or begins the one fetch of these bytes and says at once how it stands; never waits for the bytes.
   *
   * @param holder who needs the copy; it stays until every holder has released it
   * @param onSettled called once when a fetch that was still running has ended either way
   */
  ensure(request: ImageRequest, holder: string, onSettled: () => void): Promise<FetchState>;
  /** The copy of this digest, if this process has it. */
  find(digest: string): Promise<StoredImage | undefined>;
  release(holder: string): Promise<void>;
  /** Ends running fetches. */
  close(): Promise<void>;
}
