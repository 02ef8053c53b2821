import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Redis } from "ioredis";
import { findPort } from "./ports.ts";

/** A Redis that several processes share, which forgets everything when it ends. */
export interface SharedRedis {
  url: string;
  kill(): Promise<void>;
  /** Starts it again, empty. */
  start(): Promise<void>;
}

/** @throws Error where no redis-server is installed */
export async function startRedis(): Promise<SharedRedis> {
  const port = await findPort();
  const url = `redis://127.0.0.1:${port}`;
  const settings = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  let child: ChildProcess;
  const redis: SharedRedis = {
    url,
    async start() {
      child = spawn("redis-server", settings, { stdio: "ignore" });
      await once(child, "spawn");
      await untilReady(url);
    },
    async kill() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
  await redis.start();
  return redis;
}

async function untilReady(url: string): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  client.on("error", () => undefined);
  await client.ping();
  client.disconnect();
}
