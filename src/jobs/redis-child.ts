import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { JobsError } from "./errors.ts";
import type { Log } from "./log.ts";
import { endOrphan, waitForRedis } from "./raw-redis.ts";

const READY_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 5_000;
const MAX_BACK_OFF_MS = 5_000;
/** A child that lived this long was well; its end begins a new row of back-offs. */
const SETTLED_MS = 30_000;

export interface RedisCommand {
  /** How the log names it. */
  name: string;
  program: string;
  args: string[];
}

/** A private Redis that is started again whenever it dies, until it is stopped. */
export interface RedisChild {
  /** The live process; undefined between two lives. */
  pid: () => number | undefined;
  stop(): Promise<void>;
}

/** @throws JobsError `redis-not-started` when the first life does not come to answer */
export async function startRedisChild(
  command: RedisCommand,
  socketPath: string,
  log: Log,
): Promise<RedisChild> {
  if (await endOrphan(socketPath)) log.info({ socketPath }, "ended a private Redis that had lost its parent");
  const stopping = new AbortController();
  let life = beginLife(command, socketPath);
  const endWithUs = () => life.child.kill();
  process.once("exit", endWithUs);
  const stop = async () => {
    stopping.abort();
    process.removeListener("exit", endWithUs);
    await endLife(life);
    rmSync(socketPath, { force: true });
  };
  if (!(await waitForRedis(socketPath, READY_LIMIT_MS, AbortSignal.any([stopping.signal, life.ended])))) {
    const said = life.said();
    await stop();
    throw notStarted(command, said);
  }
  void keepAlive();
  return { pid: () => (life.ended.aborted ? undefined : life.child.pid), stop };

  async function keepAlive(): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      await once(life.ended);
      if (stopping.signal.aborted) return;
      if (performance.now() - life.startedAt > SETTLED_MS) failures = 0;
      log.warn({ said: life.said() }, `${command.name} ended by itself; starting it again`);
      await pause(Math.min(100 * 2 ** failures, MAX_BACK_OFF_MS), stopping.signal);
      if (stopping.signal.aborted) return;
      life = beginLife(command, socketPath);
    }
  }
}

interface Life {
  child: ChildProcess;
  startedAt: number;
  /** Aborted when the process is gone. */
  ended: AbortSignal;
  /** The last it wrote. */
  said(): string;
}

function beginLife(command: RedisCommand, socketPath: string): Life {
  rmSync(socketPath, { force: true });
  const ended = new AbortController();
  const child = spawn(command.program, command.args, {
    // Only what programs need to start: the environment of the parent may hold secrets.
    env: { PATH: process.env["PATH"] ?? "", LANG: "C" },
    stdio: ["pipe", "pipe", "pipe"],
    // Ctrl-C goes to the whole process group of a terminal; the queue must outlive the draining of the work.
    detached: true,
  });
  let tail = "";
  const keepTail = (text: Buffer) => {
    tail = (tail + text.toString()).slice(-2000);
  };
  child.stdout?.on("data", keepTail);
  child.stderr?.on("data", keepTail);
  child.stdin?.on("error", () => undefined);
  child.on("error", (error) => {
    tail += error.message;
    ended.abort();
  });
  child.on("exit", () => ended.abort());
  return { child, startedAt: performance.now(), ended: ended.signal, said: () => tail.trim() };
}

async function endLife(life: Life): Promise<void> {
  life.child.kill("SIGTERM");
  const timer = setTimeout(() => life.child.kill("SIGKILL"), STOP_LIMIT_MS);
  await once(life.ended);
  clearTimeout(timer);
}

function once(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function notStarted(command: RedisCommand, said: string): JobsError {
  return new JobsError(`${command.name} (${command.program}) did not come to answer on its socket: ${said}`, {
    code: "redis-not-started",
    retryable: false,
    hint: "Run it by hand to see what it lacks, or name a Redis by TRAYLOAD_REDIS_URL",
  });
}
