import { collectDefaultMetrics, Registry } from "prom-client";

/** Where all metrics of one server are kept and read. */
export type Register = Registry;

/** With those of the process itself: CPU, memory, event loop, open files. */
export function createRegister(): Register {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return register;
}
