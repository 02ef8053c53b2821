import { Counter, Histogram } from "prom-client";
import type { Register } from "./registry.ts";

/** One request to a BMC, as far as it is counted. */
export interface BmcRequest {
  method: string;
  /** Undefined where no answer came. */
  status: number | undefined;
  /** Undefined for one that succeeded. */
  errorCode: string | undefined;
  ms: number;
}

/** @returns told of each request, repeats too */
export function watchBmcs(register: Register): (request: BmcRequest) => void {
  const registers = [register];
  const seconds = new Histogram({
    name: "trayload_bmc_request_seconds",
    help: "Time until a BMC had answered",
    labelNames: ["method"],
    buckets: [0.02, 0.1, 0.5, 1, 2, 5, 15, 60, 300],
    registers,
  });
  const errors = new Counter({
    name: "trayload_bmc_errors_total",
    help: "Requests to BMCs that failed, by error code and status",
    labelNames: ["method", "code", "status"],
    registers,
  });
  return ({ method, status, errorCode, ms }) => {
    seconds.observe({ method }, ms / 1000);
    if (errorCode !== undefined) errors.inc({ method, code: errorCode, status: status ?? "none" });
  };
}
