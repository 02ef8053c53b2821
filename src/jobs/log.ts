import type { Logger } from "pino";

/** What this room needs of a pino logger. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** Tells the beginning and the end of an outage once each, however many times it is noticed. */
export interface OutageLog {
  failed: (error: unknown) => void;
  worked: () => void;
}

/**
 * @param what who suffers and what that means, for people: "hints are dropped until the queue is back"
 */
export function createOutageLog(log: Log, what: string): OutageLog {
  let failures = 0;
  return {
    failed(error) {
      failures += 1;
      if (failures === 1) log.warn({ err: error }, what);
    },
    worked() {
      if (failures > 0) log.info({ failures }, `over: ${what}`);
      failures = 0;
    },
  };
}
