import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";

/** For a hook: skips where no small disk can be mounted, which takes root on Linux, and says so. */
export function needSmallDisk(context: Mocha.Context): void {
  if (process.platform === "linux" && process.getuid?.() === 0) return;
  console.warn("      skipped, as only root on Linux may mount a small disk: run the tests as root");
  context.skip();
}

/** Puts a file system of so many MiB at a folder that is there. @returns takes it away again */
export function mountSmallDisk(folder: string, sizeMiB: number): () => void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${sizeMiB}m`, "tmpfs", folder]);
  return () => void execFileSync("umount", [folder]);
}

/** Takes all room that is left, to the last block. */
export function fillDisk(path: string): void {
  const file = openSync(path, "w");
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "ENOSPC");
  } finally {
    closeSync(file);
  }
}
