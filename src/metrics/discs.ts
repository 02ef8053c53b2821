import { Counter } from "prom-client";
import type { Register } from "./registry.ts";

/** @returns told of the bytes of a disc that went to a machine, range by range */
export function watchDiscs(register: Register): (bytes: number) => void {
  const sent = new Counter({
    name: "trayload_disc_bytes_total",
    help: "Bytes of discs that BMCs and machines read",
    registers: [register],
  });
  return (bytes) => sent.inc(bytes);
}
