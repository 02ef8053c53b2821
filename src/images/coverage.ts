/** Size of the blocks in which coverage is counted. */
export const BLOCK_BYTES = 64 * 1024;

/** Which blocks of a disc were read at least in part. */
export interface Coverage {
  /** Blocks covered, and blocks that there are. */
  readonly covered: number;
  readonly blocks: number;
  /** Marks the blocks that `[start, end)`, in bytes, touches. */
  mark(start: number, end: number): void;
  /** Marks the blocks of a text made by `toText`; parts that are no block of this disc are passed over. */
  markText(text: string): void;
  /** Runs of covered blocks, first and last: `0-3,9-9`. Undefined when they are too many to be kept. */
  toText(): string | undefined;
}

/** More runs than this (scattered reads of a large disc) are not worth their place in a row. */
const RUNS_KEPT = 4_000;

/** Begins with nothing covered. */
export function createCoverage(blocks: number): Coverage {
  const bits = new Uint8Array(Math.ceil(blocks / 8));
  let covered = 0;

  const has = (block: number): boolean => ((bits[block >> 3]! >> (block & 7)) & 1) === 1;
  function markBlocks(first: number, last: number): void {
    for (let block = Math.max(first, 0); block <= Math.min(last, blocks - 1); block += 1) {
      if (has(block)) continue;
      bits[block >> 3]! |= 1 << (block & 7);
      covered += 1;
    }
  }

  return {
    get covered() {
      return covered;
    },
    blocks,
    mark(start, end) {
      if (end > start) markBlocks(Math.floor(start / BLOCK_BYTES), Math.floor((end - 1) / BLOCK_BYTES));
    },
    markText(text) {
      for (const [, first, last] of text.matchAll(/(\d{1,15})-(\d{1,15})/g))
        markBlocks(Number(first), Number(last));
    },
    toText() {
      const runs: string[] = [];
      for (let block = 0; block < blocks && runs.length <= RUNS_KEPT; block += 1) {
        if (!has(block)) continue;
        const first = block;
        while (block + 1 < blocks && has(block + 1)) block += 1;
        runs.push(`${first}-${block}`);
      }
      return runs.length > RUNS_KEPT ? undefined : runs.join(",");
    },
  };
}
