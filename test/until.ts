const LIMIT_MS = 45_000;
const PAUSE_MS = 5;

/**
 * Looks until there is something, and returns it: a look that gives `undefined` or `false` is repeated. What must
 * come may come late where the machine is busy, so the limit is long; it only ends what would never come.
 * @throws Error that tells what was waited for, after 45 seconds
 */
export async function until<T>(
  look: () => T | Promise<T>,
  what = look.toString(),
): Promise<Exclude<Awaited<T>, undefined | false>> {
  const givesUpAt = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found as Exclude<Awaited<T>, undefined | false>;
    if (performance.now() > givesUpAt) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
