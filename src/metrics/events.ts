import { Histogram } from "prom-client";
import type { Register } from "./registry.ts";

/** @returns told when an event has reached this process: its time, and the database's time now, in milliseconds */
export function watchEvents(register: Register): (at: string, nowMs: number) => void {
  const lag = new Histogram({
    name: "trayload_event_lag_seconds",
    help: "Time from an event to its being handed to those who watch",
    buckets: [0.01, 0.05, 0.25, 1, 2.5, 10],
    registers: [register],
  });
  return (at, nowMs) => lag.observe(Math.max(0, nowMs - Date.parse(at)) / 1000);
}
