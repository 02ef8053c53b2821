/** So much at once, and so much more each second, for each of many keys. */
export interface Allowance {
  /** Takes one of the key's; false when nothing is left. */
  take(key: string): boolean;
}

/** More keys than this at once are not told apart for long: the one that was asked for longest ago is forgotten. */
const KEYS_KEPT = 10_000;

/** @param clock milliseconds since 1970 */
export function createAllowance(
  { atOnce, perSecond }: { atOnce: number; perSecond: number },
  clock: () => number,
): Allowance {
  const left = new Map<string, { count: number; atMs: number }>();
  return {
    take(key) {
      const nowMs = clock();
      const before = left.get(key) ?? { count: atOnce, atMs: nowMs };
      const refilled = Math.min(atOnce, before.count + (Math.max(0, nowMs - before.atMs) / 1000) * perSecond);
      const isGranted = refilled >= 1;
      left.delete(key);
      left.set(key, { count: isGranted ? refilled - 1 : refilled, atMs: nowMs });
      if (left.size > KEYS_KEPT) left.delete(left.keys().next().value!);
      return isGranted;
    },
  };
}
