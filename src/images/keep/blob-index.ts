import type { Version } from "../source/source.ts";

/** A process that uses a store, or one store within it. */
export interface Owner {
  id: string;
  host: string;
  pid: number;
  /** When it was last heard of, milliseconds since 1970. */
  seenMs: number;
}

export interface IndexedBlob {
  digest: string;
  sizeBytes: number;
  usedMs: number;
}

/** How the one fetch of something stands, to one who would begin it. */
export type Claim =
  | { state: "mine" }
  | { state: "theirs"; bytesRead: number; sizeBytes: number | null }
  | { state: "landed"; digest: string }
  | { state: "failed"; failure: string };

/**
 * What a store remembers beside its files, shared by all processes that use its folder. Each call is one transaction and
 * done when it returns. Losing it costs fetches, never a wrong byte.
 *
 * Every method throws an error of code `ENOSPC` when the disk is full.
 */
export interface BlobIndex {
  /** Makes the rows fit the files that `list` finds while nobody else can change them. */
  reconcile(list: () => readonly IndexedBlob[]): void;
  find(digest: string): IndexedBlob | undefined;
  touch(digest: string, nowMs: number): void;
  /** Every blob, who holds it, and where it came from last; null for what was made here. */
  list(): (IndexedBlob & { holders: string[]; source: string | null })[];
  /** Adds a blob once `place` has put its file there; both are one, so that no removal comes between. */
  add(blob: IndexedBlob, place: () => void): void;
  /** Removes a blob, and with it what leads there, unless somebody holds it and that counts. */
  remove(digest: string, unlink: () => void, evenIfHeld: boolean): "removed" | "held" | "absent";
  /**
   * Says how much is set aside in all for an owner's files that grow, and lets go of what nobody holds, the longest unused
   * first, where that is needed. @returns false when it would not do; then nothing has changed
   */
  reserve(owner: string, bytes: number, capBytes: number, unlink: (digest: string) => void): boolean;

  pinned(holder: string, key: string): string | undefined;
  pin(holder: string, key: string, digest: string): void;
  unpin(holder: string, key: string): void;
  release(holder: string): void;
  holders(): string[];

  /** Notes for people where a blob came from, without user info and query. */
  setSource(digest: string, shown: string): void;
  /** sha256 of the content, by any other name that stands for exactly that content. */
  alias(name: string): string | undefined;
  setAlias(name: string, digest: string): void;
  /** What a request without a checksum led to last. Keys are hashes, since URLs hold secrets. */
  seen(key: string): { digest: string; version: Version } | undefined;
  setSeen(key: string, digest: string, version: Version): void;

  /** Says that an owner lives. */
  beat(owner: Owner): void;
  /** Forgets an owner with its claims and what was set aside for it. */
  leave(owner: string): void;
  /**
   * Begins what nobody does, or whose owner is dead; else says how it stands.
   *
   * @param sinceMs what ended before counts for nothing
   */
  claim(key: string, owner: Owner, sinceMs: number, isAlive: (owner: Owner) => boolean): Claim;
  progress(key: string, owner: string, bytesRead: number, sizeBytes: number | null): void;
  /** Ends a claim, with what came of it; with neither, as if it had never been begun. */
  end(
    key: string,
    owner: string,
    outcome: { digest: string } | { failure: string } | null,
    nowMs: number,
  ): void;
  close(): void;
}
