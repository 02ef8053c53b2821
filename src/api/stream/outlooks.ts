import {
  closestTimes,
  keyOf,
  type Likeness,
  likenessesOf,
  likenessOf,
  lookOut,
  type Outlook,
  type RecordView,
  type StepTime,
  type StepTimes,
} from "../../deploy/index.ts";

/** What deployments have still before them, judged by those that were like them. */
export interface Outlooks {
  /** In the order of the views; undefined for those that do not run, or of which nothing is known. */
  of(views: readonly RecordView[], nowMs: number): Promise<(Outlook | undefined)[]>;
  /** How long a whole deployment like this usually takes, in milliseconds; null while nothing is known. */
  usualMs(likeness: Likeness, nowMs: number): Promise<number | null>;
}

/** Means over many deployments change slowly; the first of all is news. */
const FRESH_MS = 30_000;
const NOTHING_FRESH_MS = 1_000;
const KEPT = 2000;

/** Remembers what was looked up, so that a page that is read every second asks for nothing. */
export function createOutlooks(stepTimes: Pick<StepTimes, "find">): Outlooks {
  const kept = new Map<string, { times: readonly StepTime[]; untilMs: number }>();

  async function bring(likenesses: readonly Likeness[], nowMs: number) {
    const isStale = (one: Likeness) => (kept.get(keyOf(one))?.untilMs ?? nowMs) <= nowMs;
    const wanted = likenesses.flatMap(likenessesOf);
    const stale = new Map(wanted.filter(isStale).map((one) => [keyOf(one), one]));
    if (stale.size > 0) {
      const found = await stepTimes.find([...stale.values()]);
      if (kept.size > KEPT) kept.clear();
      for (const key of stale.keys()) {
        const times = found.get(key) ?? [];
        kept.set(key, { times, untilMs: nowMs + (times.length > 0 ? FRESH_MS : NOTHING_FRESH_MS) });
      }
    }
    return new Map(wanted.map((one) => [keyOf(one), kept.get(keyOf(one))?.times ?? []]));
  }

  return {
    of: async (views, nowMs) => {
      const running = views.map((view) => (view.state === "running" ? likenessOf(view) : undefined));
      const some = running.filter((likeness) => likeness !== undefined);
      if (some.length === 0) return views.map(() => undefined);
      const known = await bring(some, nowMs);
      return views.map((view, index) => {
        const likeness = running[index];
        return likeness && lookOut(view, closestTimes(known, likeness), nowMs);
      });
    },
    usualMs: async (likeness, nowMs) => {
      const times = closestTimes(await bring([likeness], nowMs), likeness);
      if (times.size === 0) return null;
      return [...times.values()].reduce((sum, { meanMs }) => sum + meanMs, 0);
    },
  };
}
