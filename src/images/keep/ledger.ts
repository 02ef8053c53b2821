import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { failOnDisk } from "./disk.ts";
import type { Version } from "../source/source.ts";

/** What a store remembers beside its blobs. Losing it costs a fetch, never a wrong byte. */
export interface Ledger {
  /** Digest by request, for each holder: what it keeps, and what it was given for which request. */
  pins: Record<string, Record<string, string>>;
  /** sha256 of the content, by any other digest that was checked: `sha512:…` → `sha256:…`. */
  aliases: Record<string, string>;
  /** What a request without a checksum led to last. Keys are hashes, since URLs hold secrets. */
  seen: Record<string, { digest: string; version: Version }>;
}

export interface LedgerFile {
  readonly ledger: Ledger;
  /**
   * Writes the ledger as it is now; calls that come meanwhile are joined into one more write.
   *
   * @throws ImageError when the disk refuses
   */
  save(): Promise<void>;
}

/** Opens the ledger of a folder. One that cannot be read is begun anew. */
export async function openLedger(folder: string): Promise<LedgerFile> {
  const path = join(folder, "ledger.json");
  const ledger = await read(path);
  let writing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function write(): Promise<void> {
    next = undefined;
    const text = JSON.stringify(ledger);
    await writeFile(`${path}.new`, text, { mode: 0o600, flush: true }).catch(failOnDisk);
    await rename(`${path}.new`, path).catch(failOnDisk);
  }

  return {
    ledger,
    save() {
      next ??= writing.then(write, write);
      writing = next;
      return next;
    },
  };
}

async function read(path: string): Promise<Ledger> {
  const empty: Ledger = { pins: {}, aliases: {}, seen: {} };
  try {
    const { pins, aliases, seen } = JSON.parse(await readFile(path, "utf8")) as Partial<Ledger>;
    return { pins: pins ?? {}, aliases: aliases ?? {}, seen: seen ?? {} };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return empty;
    throw error;
  }
}
