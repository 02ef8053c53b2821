/** Something done again and again, never twice at once. */
export interface Beat {
  /** Ends the beat; resolves when an act under way has ended. */
  stop(): Promise<void>;
}

/**
 * Acts at once, and then `everyMs` after each act's end.
 *
 * @param act a rejection is handed to `onOutcome` and skips one beat, no more
 * @param onOutcome called after each act, with what it threw
 */
export function startBeat(
  everyMs: number,
  act: () => Promise<void>,
  onOutcome: (error: unknown) => void,
): Beat {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let acting = beat();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await acting;
    },
  };

  async function beat(): Promise<void> {
    try {
      await act();
      onOutcome(undefined);
    } catch (error) {
      onOutcome(error);
    }
    if (stopped) return;
    timer = setTimeout(() => {
      acting = beat();
    }, everyMs);
  }
}
