/** No BMC is waited for longer than this at its own wish; the step's deadline decides beyond it. */
const LONGEST_MS = 10 * 60_000;

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): whole seconds or an HTTP date.
 *
 * @param now milliseconds since the epoch, for dates
 * @returns milliseconds from now, 0 to 10 minutes; undefined when absent or unreadable
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, LONGEST_MS);
  // Date.parse also takes "-1" and "1.5"; only what begins with a day's name is an HTTP date.
  const at = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - now, 0), LONGEST_MS);
}
