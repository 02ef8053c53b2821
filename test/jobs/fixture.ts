import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRedis, type Log, type RedisHandle } from "../../src/jobs/index.ts";
import { findRedisServer } from "../../src/jobs/redis-server.ts";

/** A log that tests can read. */
export interface HeardLog extends Log {
  lines: string[];
}

export function createHeardLog(): HeardLog {
  const lines: string[] = [];
  const hear = (facts: unknown, text?: string) => void lines.push(text ?? String(facts));
  return { lines, debug: hear, info: hear, warn: hear, error: hear };
}

/** The private servers that this machine can run; the JavaScript one always. */
export async function findKinds(): Promise<("js" | "redis-server")[]> {
  const found = await findRedisServer(process.env["PATH"] ?? "");
  return found === undefined ? ["js"] : ["js", "redis-server"];
}

/** A private server in a folder of its own; `end` leaves nothing of both. */
export async function openTestRedis(
  kind: "js" | "redis-server",
  log: Log,
): Promise<{ redis: RedisHandle; folder: string; end: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "jobs-"));
  const redis = await openRedis({ folder, log, ...(kind === "js" ? { path: "" } : {}) });
  const end = async () => {
    await redis.close();
    rmSync(folder, { recursive: true });
  };
  return { redis, folder, end };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
