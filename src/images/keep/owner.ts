import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Owner } from "./blob-index.ts";

/** This host, as it stands in names of files. */
export const HOST = hostname().replaceAll(/[^a-z0-9]/gi, "");
/** An owner of this host whose process is gone is dead at once; any other that was silent this long. */
const SILENT_MS = 30_000;
/** How often an owner with something to do says that it lives. */
export const BEAT_MS = 5_000;

export function newOwner(nowMs: number): Owner {
  return { id: randomUUID(), host: HOST, pid: process.pid, seenMs: nowMs };
}

/** Judges by ids of processes where it can, since a process that was killed says nothing. */
export function createJudge(now: () => number): (owner: Owner) => boolean {
  return ({ host, pid, seenMs }) => {
    if (host === HOST && pid !== process.pid && !isOthersAlive(pid)) return false;
    return now() - seenMs < SILENT_MS;
  };
}

/** Whether another process of this host has that id. */
export function isOthersAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
