import type { Progress, EventAnswer } from "../../../client/index.ts";

/** How much of the disc had been read at a time. */
export interface Point {
  atMs: number;
  /** 0 to 1. */
  share: number;
  /** As measured by the server; null where only a milestone is known, and the rate is what lies between two points. */
  bytesPerSecond: number | null;
}

const MOST_POINTS = 480;

/** Milestones and samples in order of time; the share never falls. */
export function addPoint(series: readonly Point[], point: Point): Point[] {
  const later = series.findIndex(({ atMs }) => atMs > point.atMs);
  const at = later < 0 ? series.length : later;
  const before = series[at - 1];
  if (before?.atMs === point.atMs && before.share >= point.share) return [...series];
  const share = Math.max(point.share, before?.share ?? 0);
  const all = [...series.slice(0, at), { ...point, share }, ...series.slice(at)];
  // Every second one goes when there are too many, but the first and the newest stay.
  return all.length <= MOST_POINTS
    ? all
    : all.filter((_, index) => index % 2 === 0 || index >= all.length - 2);
}

export function pointOfEvent(event: EventAnswer): Point | undefined {
  if (event.type !== "disc-read") return undefined;
  return { atMs: Date.parse(event.at), share: event.percent / 100, bytesPerSecond: null };
}

/** A sample may be seconds old when it comes, so it stands at the time of the last read that it counts. */
export function pointOfSample({ lastReadAt, discShare, bytesPerSecond }: Progress): Point | undefined {
  return lastReadAt === null ? undefined : { atMs: Date.parse(lastReadAt), share: discShare, bytesPerSecond };
}

/** Milestones may follow each other by a blink, which says nothing of the rate. */
const RATE_OVER_MS = 1000;

/** Rates in bytes per second, each with the time for which it holds. */
export function ratesOf(series: readonly Point[], sizeBytes: number): { atMs: number; rate: number }[] {
  return series.flatMap(({ atMs, share, bytesPerSecond }, index) => {
    if (bytesPerSecond !== null) return [{ atMs, rate: bytesPerSecond }];
    const before = series.slice(0, index).findLast((point) => atMs - point.atMs >= RATE_OVER_MS);
    if (before === undefined) return [];
    return [{ atMs, rate: ((share - before.share) * sizeBytes * 1000) / (atMs - before.atMs) }];
  });
}
