/** Which pages of one file lie in the system's memory, as far as can be told: those that were read a moment ago. */
export interface Warmth {
  /** Whether a range can be read on the spot: that takes less than to hand it to another thread and back. */
  has(offset: number, bytes: number): boolean;
  /** A range was read. */
  note(offset: number, bytes: number): void;
  /** A range was read on the spot, in so much time. One that was slow had left the memory, and others may have, too. */
  took(durationMs: number): void;
}

const PAGE_BYTES = 4096;
/** Pages stay known for one to two of these. */
const GENERATION_MS = 30_000;
/** Everything waits while something is read on the spot. */
const SLOW_MS = 10;
const DISTRUST_MS = 60_000;

/** For a file whose file system may keep its reader waiting, whatever was read before: somebody else's machine has it. */
export const NEVER_WARM: Warmth = { has: () => false, note: () => undefined, took: () => undefined };

/** @param clock milliseconds that never go back */
export function createWarmth(sizeBytes: number, clock: () => number = () => performance.now()): Warmth {
  const pages = Math.ceil(sizeBytes / PAGE_BYTES);
  const none = (): Uint8Array => new Uint8Array(Math.ceil(pages / 8));
  let current = none();
  let before = none();
  let begunMs = clock();
  let distrustedUntilMs = Number.NEGATIVE_INFINITY;

  function age(): void {
    const nowMs = clock();
    if (nowMs - begunMs < GENERATION_MS) return;
    before = nowMs - begunMs < 2 * GENERATION_MS ? current : none();
    current = none();
    begunMs = nowMs;
  }
  const isKnown = (page: number): boolean =>
    (((current[page >> 3] ?? 0) | (before[page >> 3] ?? 0)) & (1 << (page & 7))) !== 0;

  return {
    has(offset, bytes) {
      age();
      if (clock() < distrustedUntilMs) return false;
      const last = Math.floor((offset + bytes - 1) / PAGE_BYTES);
      for (let page = Math.floor(offset / PAGE_BYTES); page <= last; page += 1)
        if (!isKnown(page)) return false;
      return true;
    },
    note(offset, bytes) {
      age();
      const last = Math.min(Math.floor((offset + bytes - 1) / PAGE_BYTES), pages - 1);
      for (let page = Math.floor(offset / PAGE_BYTES); page <= last; page += 1)
        current[page >> 3]! |= 1 << (page & 7);
    },
    took(durationMs) {
      if (durationMs < SLOW_MS) return;
      current = none();
      before = none();
      distrustedUntilMs = clock() + DISTRUST_MS;
    },
  };
}

/** File systems whose memory is this machine's own, by the kernel's magic numbers (statfs(2)). */
const LOCAL = new Set([
  0xef53, // ext2 to ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
]);

export function isLocal(fileSystem: number): boolean {
  return LOCAL.has(fileSystem);
}
