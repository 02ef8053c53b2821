import { Counter, Gauge, Histogram } from "prom-client";
import type { Register } from "./registry.ts";

/** One attempt to deliver, as far as it is counted. */
export interface DeliveryAttempt {
  /** `pending` is tried again, `dead` no more. */
  state: "delivered" | "pending" | "dead";
  /** Of the receiver's answer. */
  ms: number;
  /** How long after the event it began. */
  sinceEventMs: number;
}

const OUTCOMES = { delivered: "delivered", pending: "failed", dead: "dead" } as const;

/**
 * How soon webhooks hear of events, and whether they take them.
 *
 * @param open deliveries that are under way, and those that were given up, of all processes
 * @returns told of each attempt
 */
export function watchWebhooks(
  register: Register,
  open: () => Promise<{ pending: number; dead: number }>,
): (attempt: DeliveryAttempt) => void {
  const registers = [register];
  const attempts = new Counter({
    name: "trayload_webhook_attempts_total",
    help: "Attempts to deliver an event to a webhook: delivered, failed to be tried again, or dead",
    labelNames: ["outcome"],
    registers,
  });
  const seconds = new Histogram({
    name: "trayload_webhook_attempt_seconds",
    help: "Time until a webhook's receiver had answered, or was given up",
    buckets: [0.05, 0.25, 1, 5, 15],
    registers,
  });
  const delay = new Histogram({
    name: "trayload_webhook_delay_seconds",
    help: "Time from an event to the attempt that delivered it",
    buckets: [0.25, 1, 5, 30, 300, 3600, 43_200],
    registers,
  });
  const deliveries: Gauge<"state"> = new Gauge({
    name: "trayload_webhook_deliveries",
    help: "Deliveries that wait for an attempt, and dead ones that somebody may replay; of all processes",
    labelNames: ["state"],
    registers,
    collect: async () => {
      for (const [state, count] of Object.entries(await open())) deliveries.set({ state }, count);
    },
  });
  return ({ state, ms, sinceEventMs }) => {
    attempts.inc({ outcome: OUTCOMES[state] });
    seconds.observe(ms / 1000);
    if (state === "delivered") delay.observe(Math.max(0, sinceEventMs) / 1000);
  };
}
