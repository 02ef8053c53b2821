import { randomFillSync } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";

const MIB = 1024 * 1024;

/** Makes a file of bytes that nothing can shorten. @returns its path */
export function fill(path: string, mib: number): string {
  const chunk = Buffer.alloc(MIB);
  const handle = openSync(path, "w");
  for (let written = 0; written < mib; written += 1) writeSync(handle, randomFillSync(chunk));
  closeSync(handle);
  return path;
}
