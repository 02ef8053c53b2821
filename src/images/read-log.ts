import { createBoots } from "./boots.ts";
import { createClassifier, type Touched } from "./classify.ts";
import { BLOCK_BYTES, createCoverage } from "./coverage.ts";
import type { Disc } from "./disc.ts";
import { type DiscReads, READERS_KEPT, type ReadMilestone } from "./reads.ts";
import type { SentRange } from "./serve/serve.ts";

/** What one writer has seen read of one disc: pure bookkeeping, told the time by its caller. */
export interface ReadLog {
  /** @returns what the reader has reached with this */
  add(range: SentRange, reader: string, atMs: number): ReadMilestone[];
  /** The row of this writer. */
  row(): DiscReads;
  /** Share of the disc's blocks that were read, earlier reads included. */
  percent(): number;
}

const RATE_WINDOW_S = 10;

/** @param earlier what others, or this process before, have seen of the disc */
export function createReadLog(disc: Disc, earlier: DiscReads | undefined): ReadLog {
  const coverage = createCoverage(Math.ceil(disc.sizeBytes / BLOCK_BYTES));
  coverage.markText(earlier?.coverage ?? "");
  const classify = createClassifier(disc);
  const reads = createCounts();
  let lastReadMs = Date.parse(earlier?.lastReadAt ?? "") || undefined;
  const boots = createBoots(earlier);
  const rate = createRate();
  let tenths = Math.floor(percent() / 10);
  let hasGoneBeyond = earlier?.beyondReadAt != null;

  function percent(): number {
    const covered = Math.max(coverage.covered, earlier?.blocksCovered ?? 0);
    return coverage.blocks === 0 ? 100 : Math.floor((100 * covered) / coverage.blocks);
  }

  function reached(touched: Touched, atMs: number): ReadMilestone[] {
    const milestones: ReadMilestone[] = lastReadMs === undefined ? ["first-byte"] : [];
    milestones.push(...boots.add(touched, atMs, atMs - (lastReadMs ?? atMs)));
    if (milestones.includes("boot-again")) hasGoneBeyond = false;
    if (touched.beyond && !hasGoneBeyond && boots.hasReadImage()) {
      hasGoneBeyond = true;
      milestones.push("beyond-boot-image");
    }
    if (Math.floor(percent() / 10) > tenths) {
      tenths = Math.floor(percent() / 10);
      milestones.push("tenth");
    }
    lastReadMs = atMs;
    return milestones;
  }

  const row = (): DiscReads => {
    const text = coverage.toText();
    return {
      ...reads.list(),
      blocks: coverage.blocks,
      blocksCovered: Math.max(coverage.covered, earlier?.blocksCovered ?? 0),
      ...(text === undefined ? {} : { coverage: text }),
      bootReads: boots.list(),
      bytesPerSecond: rate.bytesPerSecond(),
    };
  };

  return {
    percent,
    row,
    add(range, reader, atMs) {
      const touched = classify(range);
      reads.add(touched, range.end - range.start, reader, atMs);
      coverage.mark(range.start, range.end);
      rate.add(range.end - range.start, atMs);
      return reached(touched, atMs);
    },
  };
}

type Counted = Omit<DiscReads, "blocks" | "blocksCovered" | "coverage" | "bootReads" | "bytesPerSecond">;

/** Sums and times; the times are written out when somebody asks, which is seldom beside the reads. */
function createCounts(): {
  add(touched: Touched, bytes: number, reader: string, atMs: number): void;
  list(): Counted;
} {
  const readers: string[] = [];
  let totalBytes = 0;
  let firstMs: number | undefined;
  let lastMs: number | undefined;
  let catalogueMs: number | undefined;
  let bootImageMs: number | undefined;
  let beyondMs: number | undefined;
  const timeOf = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    add(touched, bytes, reader, atMs) {
      firstMs ??= atMs;
      lastMs = atMs;
      totalBytes += bytes;
      if (touched.catalogue) catalogueMs = atMs;
      if (touched.bootImage) bootImageMs = atMs;
      if (touched.beyond) beyondMs = atMs;
      if (readers.length < READERS_KEPT && !readers.includes(reader)) readers.push(reader);
    },
    list: () => ({
      firstReadAt: timeOf(firstMs),
      lastReadAt: timeOf(lastMs),
      totalBytes,
      catalogueReadAt: timeOf(catalogueMs),
      bootImageReadAt: timeOf(bootImageMs),
      beyondReadAt: timeOf(beyondMs),
      readers: [...readers],
    }),
  };
}

/** Bytes of each of the last seconds. */
function createRate(): { add(bytes: number, atMs: number): void; bytesPerSecond(): number } {
  const seconds = new Map<number, number>();
  let firstMs: number | undefined;
  let lastMs = 0;
  return {
    add(bytes, atMs) {
      firstMs ??= atMs;
      lastMs = atMs;
      const second = Math.floor(atMs / 1000);
      const before = seconds.get(second);
      seconds.set(second, (before ?? 0) + bytes);
      if (before !== undefined) return;
      for (const known of seconds.keys()) if (known <= second - RATE_WINDOW_S) seconds.delete(known);
    },
    bytesPerSecond() {
      const bytes = [...seconds.values()].reduce((sum, next) => sum + next, 0);
      const spanS = Math.min(RATE_WINDOW_S, Math.max(1, (lastMs - (firstMs ?? lastMs)) / 1000));
      return Math.round(bytes / spanS);
    },
  };
}
