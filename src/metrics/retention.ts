import { Counter, Gauge } from "prom-client";
import type { Register } from "./registry.ts";

/**
 * Shows how old the oldest of what is kept is, and counts what was removed.
 *
 * @param oldest milliseconds since 1970, by kind; null where there is none
 * @returns told how many of a kind were removed
 */
export function watchRetention(
  register: Register,
  oldest: () => Promise<Record<string, number | null>>,
): (what: string, many: number) => void {
  const registers = [register];
  const gauge: Gauge<"what"> = new Gauge({
    name: "trayload_kept_oldest_timestamp_seconds",
    help: "When the oldest that is kept of a kind was made",
    labelNames: ["what"],
    registers,
    collect: async () => {
      gauge.reset();
      for (const [what, at] of Object.entries(await oldest()))
        if (at !== null) gauge.set({ what }, at / 1000);
    },
  });
  const removed = new Counter({
    name: "trayload_pruned_total",
    help: "What this process removed because of its age or size",
    labelNames: ["what"],
    registers,
  });
  return (what, many) => removed.inc({ what }, many);
}
