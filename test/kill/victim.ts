import { flushCompileCache } from "node:module";
import { readConfig } from "../../src/config.ts";
import { type StartOptions, startTrayload } from "../../src/main.ts";
import { type Order, prepareToDie } from "./deaths.ts";

/** From the parent: how to die, or null to live on. */
export interface Command {
  order: Order | null;
}

/** To the parent: where it runs, and how many moments of the last order have passed when another is taken. */
export type Report = { apiUrl: string | undefined } | { passed: number };

/** Trayload as `trayload serve` starts it, with shorter waits and a time to die. Ends well at SIGTERM. */
const arm = prepareToDie();
const given = JSON.parse(process.argv[2]!) as Pick<StartOptions, "timing" | "leaseMs" | "drainMs">;
const trayload = await startTrayload(readConfig(process.env), given);
// One that is killed would leave nothing compiled behind.
flushCompileCache();

process.on("message", ({ order }: Command) => {
  report({ passed: arm(order) });
});
process.once("SIGTERM", () => {
  void trayload.stop().then(() => process.exit());
});
// A suite that broke leaves nobody behind.
process.once("disconnect", () => process.exit(1));
report({ apiUrl: trayload.apiUrl });

function report(message: Report): void {
  process.send!(message);
}
