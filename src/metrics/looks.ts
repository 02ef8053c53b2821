import { Gauge, Histogram } from "prom-client";
import type { Register } from "./registry.ts";

/**
 * How soon records are looked at, and whether the workers suffice.
 *
 * @param workers looks that this process can have at once
 * @param waiting hints in the queue; of all processes
 * @returns told of each look that begins; what it returns is called when that look is over
 */
export function watchLooks(
  register: Register,
  workers: number,
  waiting: () => Promise<number>,
): (waitedMs: number) => () => void {
  const registers = [register];
  const waited = new Histogram({
    name: "trayload_hint_wait_seconds",
    help: "Time from a hint to the look that it asked for",
    buckets: [0.002, 0.01, 0.05, 0.25, 1, 5, 30],
    registers,
  });
  const taken = new Histogram({
    name: "trayload_look_seconds",
    help: "Time that a worker spent on one look",
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const busy = new Gauge({ name: "trayload_workers_busy", help: "Looks under way", registers });
  new Gauge({
    name: "trayload_workers",
    help: "Looks that this process can have at once, while it is not busy",
    registers,
  }).set(workers);
  const queued: Gauge = new Gauge({
    name: "trayload_hints_waiting",
    help: "Hints in the queue; of all processes",
    registers,
    collect: async () => queued.set(await waiting()),
  });
  return (waitedMs) => {
    waited.observe(Math.max(0, waitedMs) / 1000);
    busy.inc();
    const end = taken.startTimer();
    return () => {
      busy.dec();
      end();
    };
  };
}
