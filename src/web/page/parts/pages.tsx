interface PagesProps {
  isFirst: boolean;
  /** Cursor of the next page; null on the last. */
  next: string | null;
  /** Given the cursor; "" for the first page. */
  onTurn: (cursor: string) => void;
}

/** Turns the pages of a list that begins with the newest. */
export function Pages({ isFirst, next, onTurn }: PagesProps) {
  if (isFirst && next === null) return null;
  return (
    <nav class="pages" aria-label="Pages of the table">
      {!isFirst && (
        <button type="button" onClick={() => onTurn("")}>
          Newest
        </button>
      )}
      {next !== null && (
        <button type="button" onClick={() => onTurn(next)}>
          Older
        </button>
      )}
    </nav>
  );
}
