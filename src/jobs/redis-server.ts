import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, extname, join } from "node:path";
import { promisify } from "node:util";
import type { PrivateFolder } from "./private-folder.ts";
import type { RedisCommand } from "./redis-child.ts";

/** What BullMQ asks of Redis ("recommended", its documentation). */
const OLDEST: readonly [number, number] = [6, 2];

/**
 * Finds a Redis (or Valkey) that is new enough.
 *
 * @param path folders, as in the variable PATH
 */
export async function findRedisServer(
  path: string,
): Promise<{ program: string; version: string } | undefined> {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ""), join(".local", "redis")];
  for (const folder of folders) {
    for (const name of ["redis-server", "valkey-server"]) {
      const program = join(folder, name);
      const version = existsSync(program) ? await readVersion(program) : undefined;
      if (version !== undefined && isNewEnough(version)) return { program, version };
    }
  }
  return undefined;
}

/** `Redis server v=7.0.15 sha=…`, `Valkey server v=8.0.1 …`. */
async function readVersion(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"], { timeout: 5000 });
    return /\bv=(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  } catch {
    // A file that does not run is none; the JavaScript server takes its place, and the log says so.
    return undefined;
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** A private server: no port, one socket, and an append-only file so that hints survive a restart. */
export function redisServerCommand(program: string, folder: PrivateFolder): RedisCommand {
  const args = ["--port", "0", "--unixsocket", folder.socketPath, "--unixsocketperm", "700"];
  args.push("--dir", folder.path, "--appendonly", "yes", "--appendfsync", "everysec", "--save", "");
  args.push("--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning");
  return { name: "redis-server", program, args };
}

export function jsRedisCommand(folder: PrivateFolder): RedisCommand {
  // The published package holds this room as .js files.
  const script = join(import.meta.dirname, `js-redis-child${extname(import.meta.filename)}`);
  return { name: "the JavaScript Redis", program: process.execPath, args: [script, folder.socketPath] };
}
