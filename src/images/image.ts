import type { ImageError } from "./errors.ts";
import type { Arch } from "./oci/manifest.ts";
import type { Trust } from "./source/agents.ts";

/** Bytes that somebody wants: where they are and what they must be. */
export interface ImageRequest {
  /** `http(s)://`, `file://`, or `oci://host[:port]/repository[:tag][@digest]`. */
  url: string;
  /** `algo:hex`, bare hex (its length tells the algorithm), or the URL of a checksum file; null takes what comes. */
  checksum: string | null;
  /** Sent as `Authorization` to the image's own origin only. */
  auth?: { username: string; password: string } | { bearer: string };
  /** How the certificate of the image's own origin is judged, beside the system's authorities. */
  tls?: Trust;
  /** One file of what the URL leads to: of a tar archive, plain or packed, or of an artefact of several files. */
  member?: string;
  /** Chooses from an artefact for several machines. */
  arch?: Arch;
  /**
   * `sha256:…` of the image itself, where another copy of this store has had it: what was fetched then is to come again.
   * The checksum is that of what the URL leads to, and with a member that is another file.
   */
  digest?: string;
}

/** An image as it may stand in a record: asked for again, it is the same bytes or an error. */
export interface PinnedImage {
  /** The one that was asked for; in a registry with the digest that its tag led to. */
  url: string;
  /** What the source calls it; null where it cannot say. */
  digest: string | null;
  /** Of what the source sends; null where it was not asked. */
  sizeBytes: number | null;
}

/** One verified copy, shared by all who want the same bytes. */
export interface StoredImage {
  /** `sha256:…` of the content, whatever algorithm the request named. */
  digest: string;
  sizeBytes: number;
  /** Absolute path of the copy. Read-only, and complete. */
  path: string;
}

export type FetchState =
  | { state: "fetching"; bytesRead: number; sizeBytes: number | null }
  | { state: "ready"; image: StoredImage }
  | { state: "failed"; error: ImageError };
