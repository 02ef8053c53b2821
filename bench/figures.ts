/** The value that a share of all values does not exceed (nearest rank). @throws RangeError when there are none */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("no values");
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** The lower one of the two in the middle for an even count, so that it is always a value that was measured. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}

/** Enough digits to compare by, and none that are noise. */
export function round(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}

/** Adds up records of figures, name by name. */
export function addUp(records: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const record of records)
    for (const [name, value] of Object.entries(record)) total[name] = (total[name] ?? 0) + value;
  return total;
}

/** Of times in milliseconds. */
export interface Spread {
  p50: number;
  p95: number;
}

export function spread(times: readonly number[]): Spread {
  return { p50: round(percentile(times, 0.5)), p95: round(percentile(times, 0.95)) };
}
