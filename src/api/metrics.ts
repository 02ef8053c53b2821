import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What Prometheus is told. */
export interface Metrics {
  /** @param route path pattern, so that ids make no new series */
  observe(request: { method: string; route: string; status: number; seconds: number }): void;
  streamOpened(): void;
  streamClosed(): void;
  /** The text of all metrics, and its content type. */
  read(): Promise<{ text: string; contentType: string }>;
}

/** @param register where the metrics of the whole server are; those of the API are added */
export function createMetrics(register: Registry): Metrics {
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
