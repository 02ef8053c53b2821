/** What came of one request among many. */
export interface Outcome<T> {
  item: T;
  error: Error | undefined;
}

/** So many requests are under way at once. */
const AT_ONCE = 4;

/** Does the same for many, a few at once; one that fails keeps no other from being done. */
export async function forEach<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
  onOutcome: (outcome: Outcome<T>) => void,
): Promise<void> {
  const left = [...items];
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      try {
        await act(item);
        onOutcome({ item, error: undefined });
      } catch (error) {
        onOutcome({ item, error: error as Error });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
