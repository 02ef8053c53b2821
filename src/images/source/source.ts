import type { Checksum } from "../checksum.ts";
import type { Recipe } from "../recipe.ts";

/** Bytes of a source from some offset on. */
export interface Part {
  /** Where the bytes begin: what was asked for, or 0 when the source begins anew. */
  offset: number;
  /** Size of the whole; null where the source does not say. */
  sizeBytes: number | null;
  /** What tells one version of the source from another, as it is kept and asked for again; null where nothing does. */
  version: Version | null;
  /** Whether a cut-off read can be continued where it ended. */
  resumes: boolean;
  body: AsyncIterable<Buffer>;
  /** Lets the source go, whether the body was read, was read in part or was never begun. */
  close(): Promise<void>;
}

/** A validator of RFC 9110, 8.8: strong tags, and dates where there is no tag. */
export interface Version {
  etag?: string;
  lastModified?: string;
}

/** What a source says of itself once it was asked. */
export interface Pinned {
  /** Stands for exactly these bytes, in the source's own words: a tag may lead elsewhere tomorrow, this will not. */
  digest: string;
  /** Of the bytes that the source sends. */
  checksum: Checksum;
  sizeBytes: number;
  /** What is to be made of them. */
  recipe: Recipe | null;
}

/** What a source is like, by its own words. */
export interface Probed {
  sizeBytes: number | null;
  acceptsRanges: boolean;
  /** The version that it has now; null where nothing tells versions apart, or where it has another way to tell. */
  version: Version | null;
}

/** Where an image's bytes come from. */
export interface Source {
  /** For people: without user info and query. */
  shown: string;
  /**
   * Opens the bytes from `from` on, of that version where one is given.
   *
   * @throws ImageError
   */
  open(from: number, version: Version | null, signal: AbortSignal): Promise<Part>;
  /** Whether the source still is of that version; "unchanged" saves a fetch. Never throws: what it cannot tell has changed. */
  isUnchanged(version: Version, signal: AbortSignal): Promise<boolean>;
  /** Finds out what exactly it would send; absent where a source cannot know. @throws ImageError */
  pin?(signal: AbortSignal): Promise<Pinned>;
  /**
   * Told that the bytes which came were not what they had to be: leaves out the place that they came from. Absent where there is
   * only one.
   *
   * @returns whether there is another
   */
  leaveOut?(): boolean;
  /** Asks what it is like without taking it. @throws ImageError as `open` would */
  probe(signal: AbortSignal): Promise<Probed>;
}

/** What can be known of an image without fetching it. */
export interface SourceReport {
  sizeBytes: number | null;
  acceptsRanges: boolean;
  /** Whether the store has the bytes already, so that the source was not asked. */
  isStored: boolean;
}

/** A URL as it may stand in messages: queries carry signatures, user info carries passwords. */
export function showUrl(url: URL): string {
  return url.protocol === "file:" ? plainPath(url) : `${url.protocol}//${url.host}${url.pathname}`;
}

/** The path of a URL as people write it; as it stands where its escapes make no sense (`100%.iso`) or hide controls. */
export function plainPath({ pathname }: URL): string {
  try {
    const path = decodeURIComponent(pathname);
    return /\p{Cc}/u.test(path) ? pathname : path;
  } catch {
    return pathname;
  }
}
