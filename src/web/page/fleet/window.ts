/** Rows of one height: which of them are in sight can be reckoned, and only those are made. In CSS it is `--row`. */
export const ROW_PX = 66;
/** Rows made beyond each edge, so that a small step shows them at once. */
const BEYOND = 8;
/** Rows that are asked for at once, and the step by which that window moves. */
export const WINDOW = 100;
const STEP = 25;

/** Rows from `first` up to, but without, `end`. */
export interface Span {
  first: number;
  end: number;
}

/** The rows to make. @param heightPx of what is seen of the table */
export function rowsInSight(scrolledPx: number, heightPx: number, total: number): Span {
  const first = Math.max(0, Math.floor(scrolledPx / ROW_PX) - BEYOND);
  const end = Math.min(total, Math.ceil((scrolledPx + heightPx) / ROW_PX) + BEYOND);
  return { first: Math.min(first, Math.max(0, total - 1)), end: Math.max(end, 0) };
}

/** Where the window of rows begins that is asked for, so that what is in sight lies in its middle. */
export function windowFrom({ first, end }: Span): number {
  const middle = (first + end) / 2;
  return Math.max(0, Math.round((middle - WINDOW / 2) / STEP) * STEP);
}
