import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Extent } from "../../../src/images/index.ts";
import { contentOfBytes } from "../../../src/images/content.ts";

export const text = (words: string) => contentOfBytes(Buffer.from(words));

/** All bytes of extents, the stored ones from the files of their digests. */
export function bytesOf(extents: readonly Extent[], pathOf: (digest: string) => string = nowhere): Buffer {
  return Buffer.concat(extents.map((extent) => partOf(extent, pathOf)));
}

/** Writes extents to a file in which zeros take no room. */
export function writeSparse(path: string, extents: readonly Extent[]): void {
  const handle = openSync(path, "w");
  let at = 0;
  for (const extent of extents) {
    if (extent.kind !== "zeros") writeSync(handle, partOf(extent, nowhere), 0, extent.length, at);
    at += extent.length;
  }
  ftruncateSync(handle, at);
  closeSync(handle);
}

function partOf(extent: Extent, pathOf: (digest: string) => string): Buffer {
  if (extent.kind === "zeros") return Buffer.alloc(extent.length);
  if (extent.kind === "bytes") return Buffer.from(extent.base64, "base64");
  return readFileSync(pathOf(extent.digest)).subarray(extent.offset, extent.offset + extent.length);
}

function nowhere(digest: string): string {
  throw new Error(`nobody said where ${digest} is`);
}

/** Runs a program of another implementation over what was made. @returns what it said on both outputs */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; input?: Buffer } = {},
): string {
  const { status, stdout, stderr } = spawnSync(program, args, { ...options, maxBuffer: 1 << 26 });
  const said = stdout.toString() + stderr.toString();
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${said.slice(-2000)}`);
  return said;
}
