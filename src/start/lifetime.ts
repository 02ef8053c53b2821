import type { Logger } from "pino";

/** What was started, in order, so that it can be stopped in reverse. */
export interface Lifetime {
  /** @param stop ends what was just started; a failure is logged and does not keep the others from ending */
  add(name: string, stop: () => unknown): void;
  /** Stops everything, the last first. A second call waits for the first. */
  stop(): Promise<void>;
}

export function createLifetime(log: Pick<Logger, "debug" | "error">): Lifetime {
  const parts: { name: string; stop: () => unknown }[] = [];
  let stopping: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    for (const { name, stop } of parts.reverse()) {
      try {
        await stop();
        log.debug({ part: name }, "stopped");
      } catch (error) {
        log.error({ err: error, part: name }, "did not stop well");
      }
    }
  }

  return {
    add: (name, stop) => void parts.push({ name, stop }),
    stop: () => (stopping ??= stopAll()),
  };
}
