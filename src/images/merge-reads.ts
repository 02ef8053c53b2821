import { createCoverage } from "./coverage.ts";
import { BOOTS_KEPT, type DiscReads, READERS_KEPT } from "./reads.ts";

/** Rates that were measured longer before the last read than this no longer count. */
const RATE_WINDOW_MS = 10_000;

/**
 * What several rows say of one disc. Each row holds only what its own writer has seen, so bytes add up, and blocks unite
 * where the rows name them.
 *
 * @returns undefined for no rows
 */
export function mergeDiscReads(rows: readonly DiscReads[]): DiscReads | undefined {
  const [first, ...more] = rows;
  if (first === undefined || more.length === 0) return first;
  const lastReadAt = latest(rows.map((row) => row.lastReadAt));
  const { coverage, blocks, blocksCovered } = uniteCoverage(rows);
  return {
    firstReadAt: earliest(rows.map((row) => row.firstReadAt)),
    lastReadAt,
    totalBytes: sum(rows.map((row) => row.totalBytes)),
    blocksCovered,
    blocks,
    ...(coverage === undefined ? {} : { coverage }),
    catalogueReadAt: latest(rows.map((row) => row.catalogueReadAt)),
    bootImageReadAt: latest(rows.map((row) => row.bootImageReadAt)),
    beyondReadAt: latest(rows.map((row) => row.beyondReadAt)),
    bootReads: rows
      .flatMap((row) => row.bootReads)
      .sort((a, b) => Date.parse(a.catalogueAt) - Date.parse(b.catalogueAt))
      .slice(-BOOTS_KEPT),
    bytesPerSecond: sum(rows.filter((row) => isCurrent(row, lastReadAt)).map((row) => row.bytesPerSecond)),
    readers: [...new Set(rows.flatMap((row) => row.readers))].slice(0, READERS_KEPT),
  };
}

function uniteCoverage(
  rows: readonly DiscReads[],
): Pick<DiscReads, "blocks" | "blocksCovered"> & { coverage?: string | undefined } {
  const blocks = Math.max(...rows.map((row) => row.blocks));
  const all = createCoverage(blocks);
  for (const row of rows) all.markText(row.coverage ?? "");
  // A row that could not keep its runs still knows how many blocks they were.
  const blocksCovered = Math.max(all.covered, ...rows.map((row) => row.blocksCovered));
  return { blocks, blocksCovered, coverage: all.covered === blocksCovered ? all.toText() : undefined };
}

function isCurrent(row: DiscReads, lastReadAt: string | null): boolean {
  if (row.lastReadAt === null || lastReadAt === null) return false;
  return Date.parse(lastReadAt) - Date.parse(row.lastReadAt) <= RATE_WINDOW_MS;
}

const sum = (numbers: number[]): number => numbers.reduce((total, next) => total + next, 0);
const inOrder = (times: (string | null)[]): string[] =>
  times.filter((time) => time !== null).sort((a, b) => Date.parse(a) - Date.parse(b));
const earliest = (times: (string | null)[]): string | null => inOrder(times)[0] ?? null;
const latest = (times: (string | null)[]): string | null => inOrder(times).at(-1) ?? null;
