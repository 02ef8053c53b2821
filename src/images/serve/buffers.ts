/** Buffers that are used again and again, since a boot takes thousands of reads. */
export interface Buffers {
  /** One for a read of so many bytes, or of fewer where many are in use. */
  take(wantedBytes: number): Buffer;
  /** Takes back one that nothing reads or writes any more. */
  give(buffer: Buffer): void;
  /** Leaves to the collector one that may still be on its way to a reader who has gone. */
  leave(): void;
  /** Whether so few are in use that one more may be filled ahead of its time. */
  hasPlenty(): boolean;
}

const SMALL = 16 * 1024;
const MIDDLE = 64 * 1024;
/** One read of a file and one write to a socket; a mount asks for less, an installer for a few of these. */
const LARGE = 128 * 1024;
/** So many are large at most, and so many more middle ones: a thousand slow readers take some tens of megabytes. */
const LARGE_IN_USE = 64;
const MIDDLE_IN_USE = 192;
/** How many of each size are kept for the next reads: 32 MiB together. */
const KEPT: Readonly<Record<number, number>> = { [SMALL]: 1024, [MIDDLE]: 128, [LARGE]: 64 };

export function createBuffers(): Buffers {
  const kept = new Map([SMALL, MIDDLE, LARGE].map((size) => [size, [] as Buffer[]]));
  let inUse = 0;

  function sizeFor(wantedBytes: number): number {
    const most = inUse < LARGE_IN_USE ? LARGE : inUse < MIDDLE_IN_USE ? MIDDLE : SMALL;
    return Math.min(most, wantedBytes <= SMALL ? SMALL : wantedBytes <= MIDDLE ? MIDDLE : LARGE);
  }

  return {
    take(wantedBytes) {
      const size = sizeFor(wantedBytes);
      inUse += 1;
      return kept.get(size)!.pop() ?? Buffer.allocUnsafeSlow(size);
    },
    give(buffer) {
      inUse -= 1;
      const same = kept.get(buffer.length)!;
      if (same.length < KEPT[buffer.length]!) same.push(buffer);
    },
    leave() {
      inUse -= 1;
    },
    hasPlenty: () => inUse < LARGE_IN_USE,
  };
}
