import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { JobsError } from "./errors.ts";

/** `sun_path` of Linux has 108 bytes with its final zero (unix(7)); macOS has 104. */
const SOCKET_PATH_LIMIT = 103;

/** A folder that nobody else may enter, and its one owner among the live processes. */
export interface PrivateFolder {
  /** Where the append-only file goes. */
  path: string;
  socketPath: string;
  /** Gives the folder up. Only once the server in it has ended. */
  release(): void;
}

/**
 * Makes (or takes over) the folder of a private Redis.
 *
 * @throws JobsError `redis-in-use` when a live process has it
 */
export function takePrivateFolder(folder: string): PrivateFolder {
  const path = resolve(folder);
  makePrivate(path);
  const ownerFile = join(path, "owner.json");
  const owner = readOwner(ownerFile);
  if (owner !== undefined && owner.started !== null && startOf(owner.pid) === owner.started) {
    throw new JobsError(`The private Redis in ${path} belongs to process ${owner.pid}, which is running`, {
      code: "redis-in-use",
      retryable: false,
      hint: "Stop that process, choose another TRAYLOAD_DATA_DIR, or share one Redis by TRAYLOAD_REDIS_URL",
    });
  }
  writeFileSync(ownerFile, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
  const socketPath = findSocketPath(path);
  const release = () => {
    if (dirname(socketPath) !== path) rmSync(dirname(socketPath), { recursive: true, force: true });
    rmSync(ownerFile, { force: true });
  };
  return { path, socketPath, release };
}

function findSocketPath(path: string): string {
  const inside = join(path, "redis.sock");
  if (Buffer.byteLength(inside) <= SOCKET_PATH_LIMIT) return inside;
  // The name is the same at each start, so that an orphan of this folder is found again.
  const short = createHash("sha256").update(path).digest("hex").slice(0, 16);
  const outside = join(tmpdir(), `trayload-${short}`);
  makePrivate(outside);
  return join(outside, "redis.sock");
}

/** Refuses what another user may have laid out beforehand in a folder that all may write to. */
function makePrivate(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0) return;
  throw new JobsError(`${path} is not a folder that only this user may enter`, {
    code: "redis-not-started",
    retryable: false,
    hint: `Remove it, or run: chmod 700 ${path}`,
  });
}

function readOwner(file: string): { pid: number; started: string | null } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { pid: number; started: string | null };
  } catch {
    // No owner yet, or one that died while it wrote.
    return undefined;
  }
}

/**
 * When a live process was started, in ticks since boot (proc_pid_stat(5)); a number that was given again has another. Null
 * for the dead, those too whose parent has not asked for their status yet (in containers often for ever), and where /proc
 * is not.
 */
function startOf(pid: number): string | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    return /[ZX]/.test(fields[0]!) ? null : fields[19]!;
  } catch {
    return null;
  }
}
