import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Timing } from "../../src/deploy/index.ts";
import { type Order, STOPPED } from "./deaths.ts";
import type { Command } from "./victim.ts";

/** How a process of Trayload is started. */
export interface Manner {
  /** By variable name without `TRAYLOAD_`. */
  settings: Record<string, string>;
  timing: Partial<Timing>;
  leaseMs: number;
  /** How long a polite end waits for what is under way. */
  drainMs?: number;
  /** Folder of another release, with `src/` and `test/kill/victim.ts`; this one unless told. */
  release?: string;
}

/** One process of Trayload. */
export interface Server {
  readonly apiUrl: string;
  readonly pid: number;
  readonly isDead: boolean;
  /** Resolves when it is gone. */
  readonly death: Promise<void>;
  /** Ends it politely. */
  stop(): Promise<void>;
  /** Gives it the order to die. */
  arm(order: Order): Promise<void>;
  /** Lets it live on, and go on where it had stopped. @returns how many moments of the last order have passed; 0 if dead */
  disarm(): Promise<number>;
  /** Waits for its stop by its own hand. */
  stopped(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** What it wrote last, for a failure that is to be understood. */
  said(): string;
}

const SAID_KEPT = 20_000;

/** Compiled once for the hundreds of processes of a run, since that is most of a start's work. */
const compiled = mkdtempSync(join(tmpdir(), "trayload-compiled-"));
process.once("exit", () => rmSync(compiled, { recursive: true }));

/** Starts a process and waits until it runs. @throws Error with what it said when it does not come to run */
export async function startServer({ settings, release, ...options }: Manner): Promise<Server> {
  const own = Object.entries(settings).map(([name, value]) => [`TRAYLOAD_${name}`, value]);
  const victim = join(release ?? join(import.meta.dirname, "../.."), "test/kill/victim.ts");
  const child = spawn(process.execPath, [victim, JSON.stringify(options)], {
    env: { PATH: process.env["PATH"] ?? "", NODE_COMPILE_CACHE: compiled, ...Object.fromEntries(own) },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let said = "";
  const keep = (text: string) => (said = (said + text).slice(-SAID_KEPT));
  child.stderr!.setEncoding("utf8").on("data", keep);
  const death = once(child, "exit").then(() => undefined);
  const stops = countStops(child);
  const { apiUrl } = await running(child, () => said);
  const server: Server = {
    apiUrl: apiUrl ?? "",
    pid: child.pid!,
    get isDead() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    death,
    arm: (order) => command(child, order).then(() => undefined),
    async disarm() {
      if (server.isDead) return 0;
      // It may stop once more before it hears of this.
      const goOn = setInterval(() => child.kill("SIGCONT"), 50);
      // It may die of its last order before it hears of this.
      const asked = child.connected ? command(child, null).catch(() => death.then(() => 0)) : death;
      const passed = await Promise.race([asked, death]);
      clearInterval(goOn);
      return passed ?? 0;
    },
    stopped: stops.next,
    signal: (name) => void child.kill(name),
    async stop() {
      await server.disarm();
      if (server.isDead) return;
      child.kill("SIGTERM");
      await death;
    },
    said: () => said,
  };
  return server;
}

async function command(child: ChildProcess, order: Order | null): Promise<number> {
  child.send({ order } satisfies Command);
  const [report] = (await once(child, "message")) as [{ passed: number }];
  return report.passed;
}

async function running(child: ChildProcess, said: () => string): Promise<{ apiUrl: string | undefined }> {
  const runs = once(child, "message").then(([message]) => message as { apiUrl: string | undefined });
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`it did not start: ${said()}`)));
  ended.catch(() => undefined);
  return Promise.race([runs, ended]);
}

/** A stop may come before anybody waits for it. */
function countStops(child: ChildProcess): { next: () => Promise<void> } {
  let count = 0;
  let tell: (() => void) | undefined;
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    count += text.split(STOPPED).length - 1;
    tell?.();
  });
  return {
    async next() {
      while (count === 0) await new Promise<void>((told) => (tell = told));
      count -= 1;
    },
  };
}
