import { useState } from "preact/hooks";

/** Something that a person asked for, while it is under way and after it has failed. */
export interface Act {
  isBusy: boolean;
  error: Error | undefined;
  /** @returns whether it was done */
  run(work: () => Promise<unknown>): Promise<boolean>;
  forget(): void;
}

export function useAct(): Act {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<Error>();
  return {
    isBusy,
    error,
    forget: () => setError(undefined),
    run: async (work) => {
      setIsBusy(true);
      setError(undefined);
      try {
        await work();
        return true;
      } catch (failure) {
        setError(failure as Error);
        return false;
      } finally {
        setIsBusy(false);
      }
    },
  };
}
