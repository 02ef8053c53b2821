import { Counter, Gauge, Histogram } from "prom-client";
import type { Register } from "./registry.ts";

/** An event of a record, as far as it is counted. */
export interface KeptEvent {
  type: string;
  /** RFC 3339. */
  at: string;
  step?: string | null;
  error?: { code: string };
}

/** What its record was with it. */
export interface KeptView {
  kind: string;
  startedAt: string | null;
  steps: readonly { name: string; startedAt: string | null }[];
}

const MINUTE = 60;
/** From a read of a BMC to an installer that takes half a day, in seconds. */
const STEP_BUCKETS = [
  0.1,
  1,
  5,
  15,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  60 * MINUTE,
  120 * MINUTE,
  720 * MINUTE,
];

const STEP_ENDS: Record<string, string> = {
  "step-done": "done",
  "step-skipped": "skipped",
  "step-failed": "failed",
};
const RECORD_ENDS = new Set(["succeeded", "failed", "cancelled"]);

/**
 * Counts what this process did for deployments and operations, and shows those that are open.
 *
 * @param open records that have not ended, by kind, state and step
 * @returns told of events once they are durable
 */
export function watchRecords(
  register: Register,
  open: () => Promise<{ kind: string; state: string; step: string | null; count: number }[]>,
): (events: readonly KeptEvent[], view: KeptView) => void {
  showOpen(register, open);
  const registers = [register];
  const ended = new Counter({
    name: "trayload_records_ended_total",
    help: "Deployments and operations that ended, by outcome and error code",
    labelNames: ["kind", "outcome", "code"],
    registers,
  });
  const wholeSeconds = new Histogram({
    name: "trayload_record_seconds",
    help: "Time from start to end",
    labelNames: ["kind", "outcome"],
    buckets: STEP_BUCKETS,
    registers,
  });
  const stepSeconds = new Histogram({
    name: "trayload_step_seconds",
    help: "Time in a step, from its first look to its end",
    labelNames: ["kind", "step", "outcome"],
    buckets: STEP_BUCKETS,
    registers,
  });
  const retries = new Counter({
    name: "trayload_step_retries_total",
    help: "Attempts of a step that failed and were made again, by error code",
    labelNames: ["step", "code"],
    registers,
  });
  return (events, view) => {
    for (const { type, at, step, error } of events) {
      const { kind } = view;
      const outcome = STEP_ENDS[type];
      if (outcome !== undefined && step)
        stepSeconds.observe({ kind, step, outcome }, secondsBetween(startOf(view, step), at));
      if (type === "step-retried" && step) retries.inc({ step, code: error?.code ?? "unknown" });
      if (!RECORD_ENDS.has(type)) continue;
      ended.inc({ kind, outcome: type, code: error?.code ?? "" });
      wholeSeconds.observe({ kind, outcome: type }, secondsBetween(view.startedAt, at));
    }
  };
}

function startOf({ steps }: KeptView, name: string): string | null {
  return steps.find((step) => step.name === name)?.startedAt ?? null;
}

/** What never began took no time. */
function secondsBetween(from: string | null, to: string): number {
  return from === null ? 0 : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

function showOpen(register: Register, open: Parameters<typeof watchRecords>[1]): void {
  const gauge: Gauge<"kind" | "state" | "step"> = new Gauge({
    name: "trayload_open_records",
    help: "Deployments and operations that have not ended, by state and step; of all processes",
    labelNames: ["kind", "state", "step"],
    registers: [register],
    collect: async () => {
      const rows = await open();
      gauge.reset();
      for (const { kind, state, step, count } of rows) gauge.set({ kind, state, step: step ?? "" }, count);
    },
  });
}
