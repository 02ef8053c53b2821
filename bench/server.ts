import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Trayload, running as it is installed. */
export interface Server {
  readonly pid: number;
  readonly apiUrl: string;
  readonly provisionUrl: string;
  readonly token: string;
  /** Asks it to end and waits for that. */
  stop(): Promise<void>;
}

const PROGRAM = join(import.meta.dirname, "../bin/trayload.mjs");
/** Where Redis may be looked for; nothing else of the caller's environment reaches the server. */
const KEPT = ["PATH", "HOME", "TMPDIR", "NODE_OPTIONS"];
const STOP_MS = 30_000;

/** Where a server that was started in this folder has its SQLite. */
export function databaseFileOf(folder: string): string {
  return join(folder, "data", "trayload.db");
}

/**
 * Starts `trayload serve` with its usual settings on free ports of loopback; what it logs goes to `server.log`.
 *
 * @param nodeArgs for the profiler, say
 * @param settings by variable name
 * @throws Error with the end of its log when it does not start
 */
export async function startServer(
  folder: string,
  nodeArgs: readonly string[] = [],
  settings: Record<string, string> = {},
): Promise<Server> {
  const logFile = join(folder, "server.log");
  const log = openSync(logFile, "a");
  const listens = ["--api-listen", "127.0.0.1:0", "--provision-listen", "127.0.0.1:0"];
  const args = [...nodeArgs, PROGRAM, "serve", "--json", "--data-dir", join(folder, "data"), ...listens];
  const kept = Object.entries(process.env).filter(([name]) => KEPT.includes(name));
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", log],
    env: { ...Object.fromEntries(kept), TRAYLOAD_IMAGE_ALLOW: "127.0.0.1", ...settings },
    cwd: folder,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await new Promise<string | undefined>((resolve) => {
    createInterface({ input: child.stdout! }).once("line", resolve);
    void ended.then(() => resolve(undefined));
  });
  if (line === undefined)
    throw new Error(`the server did not start:\n${readFileSync(logFile, "utf8").slice(-2000)}`);
  const { apiUrl, provisionUrl, tokenFile } = JSON.parse(line) as Record<string, string>;
  return {
    pid: child.pid!,
    apiUrl: apiUrl!,
    provisionUrl: provisionUrl!,
    token: readFileSync(tokenFile!, "utf8").trim(),
    async stop() {
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      child.kill("SIGTERM");
      await ended;
      clearTimeout(timer);
    },
  };
}
