/** What a terminal, an init system and a container runtime send. */
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * One Ctrl-C reaches the process twice, from the terminal and from whoever started it (npm, the launcher) and passes
 * signals on; only a person's second one, later than this, means "at once".
 */
const ECHO_MS = 500;

/**
 * Calls `stop` at the first signal, and `endNow` at a second one.
 *
 * @returns a function that takes the listeners away
 */
export function onStopSignals(
  stop: (signal: string) => void,
  endNow: (signal: string) => void,
  source: Pick<NodeJS.Process, "on" | "off"> = process,
): () => void {
  let firstAt: number | undefined;
  const hear = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      stop(signal);
    } else if (performance.now() - firstAt > ECHO_MS) endNow(signal);
  };
  for (const signal of SIGNALS) source.on(signal, hear);
  return () => {
    for (const signal of SIGNALS) source.off(signal, hear);
  };
}
