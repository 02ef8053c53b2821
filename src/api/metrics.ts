import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RecordStore } from "../deploy/index.ts";

/** What Prometheus is told. */
export interface Metrics {
  /** @param route path pattern, so that ids make no new series */
  observe(request: { method: string; route: string; status: number; seconds: number }): void;
  streamOpened(): void;
  streamClosed(): void;
  /** The text of all metrics, and its content type. */
  read(): Promise<{ text: string; contentType: string }>;
}

export function createMetrics(records: Pick<RecordStore, "counts">): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const registers = [register];
  const requests = new Counter({
    name: "trayload_api_requests_total",
    help: "Requests answered by the API",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "trayload_api_request_seconds",
    help: "Time until an answer was sent whole; held answers and streams included",
    labelNames: ["method", "route"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const streams = new Gauge({ name: "trayload_api_event_streams", help: "Open event streams", registers });
  addRecords(records, register);
  return {
    observe: ({ method, route, status, seconds: taken }) => {
      requests.inc({ method, route, status });
      seconds.observe({ method, route }, taken);
    },
    streamOpened: () => streams.inc(),
    streamClosed: () => streams.dec(),
    read: async () => ({ text: await register.metrics(), contentType: register.contentType }),
  };
}

function addRecords(records: Pick<RecordStore, "counts">, register: Registry): void {
  const gauge: Gauge<"state"> = new Gauge({
    name: "trayload_records",
    help: "Deployments and operations by state",
    labelNames: ["state"],
    registers: [register],
    collect: async () => {
      gauge.reset();
      for (const [state, count] of Object.entries(await records.counts())) gauge.set({ state }, count);
    },
  });
}
