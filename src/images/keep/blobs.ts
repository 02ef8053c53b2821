import { chmod, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { ImageError } from "../errors.ts";
import type { StoredImage } from "../store.ts";

/** Content by digest, within a bound. Names of its files are their digests, so a file is whole or not there. */
export interface Blobs {
  find(digest: string): StoredImage | undefined;
  /** Says that a blob is wanted, so that it is among the last to go. */
  touch(digest: string): void;
  /** Path of a new temporary file on the same file system. */
  temporary(): string;
  /** Makes room for a file that grows, before its bytes are written; `giveBack` ends it. */
  reserve(bytes: number): Promise<void>;
  giveBack(bytes: number): void;
  /** Makes a finished temporary file the blob of its digest. */
  adopt(temporary: string, digest: string, sizeBytes: number): Promise<StoredImage>;
}

interface Blob {
  sizeBytes: number;
  usedMs: number;
}

/** A temporary file of another host, or of a process that cannot be asked, is thrown away when silent this long. */
const ABANDONED_MS = 60 * 60 * 1000;
const HOST = hostname().replaceAll(/[^a-z0-9]/gi, "");

/**
 * Opens a folder of blobs and removes what a crash left half-written.
 *
 * @param isPinned whether a digest is held by somebody and must stay
 */
export async function openBlobs(options: {
  folder: string;
  capBytes: number;
  isPinned: (digest: string) => boolean;
  now: () => number;
}): Promise<Blobs> {
  const folder = join(options.folder, "sha256");
  await mkdir(folder, { recursive: true });
  await removeAbandoned(options.folder, options.now());
  const blobs = await readBlobs(folder);
  let usedBytes = [...blobs.values()].reduce((sum, blob) => sum + blob.sizeBytes, 0);
  let made = 0;

  const pathOf = (digest: string): string => join(folder, digest.replace("sha256:", ""));

  // Removing and adopting the same digest at once could remove the new file.
  let last: Promise<unknown> = Promise.resolve();
  const alone = <T>(change: () => Promise<T>): Promise<T> => {
    const done = last.then(change, change);
    last = done.catch(() => {});
    return done;
  };

  /** Takes the longest unused blobs out until the folder is within its bound; nothing when that would not do. */
  function evict(): Promise<void> | undefined {
    const free = [...blobs].filter(([digest]) => !options.isPinned(digest));
    const freeBytes = free.reduce((sum, [, blob]) => sum + blob.sizeBytes, 0);
    if (usedBytes - freeBytes > options.capBytes) return undefined;
    const gone: string[] = [];
    for (const [digest, blob] of free.sort(([, a], [, b]) => a.usedMs - b.usedMs)) {
      if (usedBytes <= options.capBytes) break;
      blobs.delete(digest);
      usedBytes -= blob.sizeBytes;
      gone.push(digest);
    }
    return alone(async () => {
      for (const digest of gone) if (!blobs.has(digest)) await rm(pathOf(digest), { force: true });
    });
  }

  return {
    find(digest) {
      const blob = blobs.get(digest);
      return blob === undefined ? undefined : { digest, sizeBytes: blob.sizeBytes, path: pathOf(digest) };
    },
    touch(digest) {
      const blob = blobs.get(digest);
      if (blob === undefined) return;
      blob.usedMs = options.now();
      // Only for the order after a restart; a read-only folder still serves.
      utimes(pathOf(digest), new Date(), new Date(blob.usedMs)).catch(() => {});
    },
    temporary: () => join(options.folder, `part-${HOST}-${process.pid}-${(made += 1)}`),
    async reserve(bytes) {
      if (bytes > options.capBytes) throw tooLarge(bytes, options.capBytes);
      usedBytes += bytes;
      if (usedBytes <= options.capBytes) return;
      const evicted = evict();
      if (evicted !== undefined) return evicted;
      usedBytes -= bytes;
      throw storeFull(bytes, options.capBytes);
    },
    giveBack(bytes) {
      usedBytes -= bytes;
    },
    adopt: (temporary, digest, sizeBytes) =>
      alone(async () => {
        const path = pathOf(digest);
        if (blobs.has(digest)) await rm(temporary, { force: true });
        else {
          await chmod(temporary, 0o444);
          await rename(temporary, path);
          await syncFolder(folder);
          usedBytes += sizeBytes;
          blobs.set(digest, { sizeBytes, usedMs: options.now() });
        }
        return { digest, sizeBytes, path };
      }),
  };
}

async function readBlobs(folder: string): Promise<Map<string, Blob>> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const entries = names.map(async (name): Promise<[string, Blob]> => {
    const { size, mtimeMs } = await stat(join(folder, name));
    return [`sha256:${name}`, { sizeBytes: size, usedMs: mtimeMs }];
  });
  return new Map(await Promise.all(entries));
}

async function removeAbandoned(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, host, pid] = /^part-([^-]*)-(\d+)-\d+$/.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(folder, name);
    const silentMs = await stat(path).then(
      ({ mtimeMs }) => nowMs - mtimeMs,
      () => 0,
    );
    if ((host === HOST && !isOthersAlive(Number(pid))) || silentMs > ABANDONED_MS)
      await rm(path, { force: true });
  }
}

/** Whether another process of this host has that id. Our own id in a file left behind is that of an earlier life. */
function isOthersAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Makes a rename durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function tooLarge(bytes: number, capBytes: number): ImageError {
  return new ImageError(`The image has ${bytes} bytes, and the whole store may hold ${capBytes}`, {
    code: "image-too-large",
    retryable: false,
    hint: "Raise TRAYLOAD_IMAGE_CACHE_BYTES.",
  });
}

function storeFull(bytes: number, capBytes: number): ImageError {
  return new ImageError(`The store has no room for ${bytes} more bytes: all of its ${capBytes} are in use`, {
    code: "image-store-full",
    retryable: true,
    hint: "Wait until deployments that use other images end, or raise TRAYLOAD_IMAGE_CACHE_BYTES.",
  });
}
