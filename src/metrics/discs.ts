import { Counter } from "prom-client";
import type { Register } from "./registry.ts";

/** @returns told of the bytes that went to a machine, range by range: of a disc, or of a file for the agent */
export function watchDiscs(register: Register): (what: "disc" | "file", bytes: number) => void {
  const sent = new Counter({
    name: "trayload_disc_bytes_total",
    help: "Bytes that machines read: of discs, and of the files and disk images that agents ask for",
    labelNames: ["what"],
    registers: [register],
  });
  return (what, bytes) => sent.inc({ what }, bytes);
}
