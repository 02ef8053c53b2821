import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ImageError } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import type { BlobIndex, IndexedBlob, Owner } from "./blob-index.ts";
import { failOnDisk } from "./disk.ts";
import { HOST, isOthersAlive } from "./owner.ts";

/** Content by digest, within a bound. Names of its files are their digests, so a file is whole or not there. */
export interface Blobs {
  find(digest: string): StoredImage | undefined;
  /** Says that a blob is wanted, so that it is among the last to go. */
  touch(digest: string): void;
  /** Path of a new temporary file on the same file system. */
  temporary(): string;
  /** Makes room for a file that grows, before its bytes are written; `giveBack` ends it. */
  reserve(bytes: number): void;
  giveBack(bytes: number): void;
  /** Makes a finished temporary file the blob of its digest. */
  adopt(temporary: string, digest: string, sizeBytes: number): Promise<StoredImage>;
  /** @throws ImageError `image-in-use` where somebody holds it and that counts */
  remove(digest: string, evenIfHeld: boolean): boolean;
}

/** A temporary file of another host, or of a process that cannot be asked, is thrown away when silent this long. */
const ABANDONED_MS = 60 * 60 * 1000;

/** Opens a folder of blobs and removes what a crash left half-written. */
export async function openBlobs(options: {
  folder: string;
  capBytes: number;
  index: BlobIndex;
  owner: Owner;
  now: () => number;
}): Promise<Blobs> {
  const { capBytes, index, owner, now } = options;
  const folder = join(options.folder, "sha256");
  await mkdir(folder, { recursive: true });
  await removeAbandoned(options.folder);
  index.reconcile(() => readBlobs(folder));

  const pathOf = (digest: string): string => join(folder, digest.replace("sha256:", ""));
  const unlink = (digest: string): void => rmSync(pathOf(digest), { force: true });

  let reserved = 0;
  function setAside(bytes: number): boolean {
    try {
      return index.reserve(owner.id, bytes, capBytes, unlink);
    } catch (error) {
      return failOnDisk(error as NodeJS.ErrnoException);
    }
  }

  return {
    find(digest) {
      let blob = index.find(digest);
      if (blob !== undefined && !existsSync(pathOf(digest))) {
        // Somebody cleared up by hand: what the index says beyond the files would keep them from being fetched again.
        index.reconcile(() => readBlobs(folder));
        blob = index.find(digest);
      }
      return blob === undefined ? undefined : { digest, sizeBytes: blob.sizeBytes, path: pathOf(digest) };
    },
    touch: (digest) => index.touch(digest, now()),
    temporary: () => join(options.folder, `part-${HOST}-${process.pid}-${randomUUID().replaceAll("-", "")}`),
    reserve(bytes) {
      if (bytes > capBytes) throw tooLarge(bytes, capBytes);
      if (!setAside(reserved + bytes)) throw storeFull(bytes, capBytes);
      reserved += bytes;
    },
    giveBack(bytes) {
      reserved -= bytes;
      try {
        index.reserve(owner.id, reserved, Infinity, unlink);
      } catch (error) {
        // The next reservation says anew how much it is in all, and whoever dies has none.
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    async adopt(temporary, digest, sizeBytes) {
      const path = pathOf(digest);
      try {
        index.add({ digest, sizeBytes, usedMs: now() }, () => {
          chmodSync(temporary, 0o444);
          renameSync(temporary, path);
        });
        await syncFolder(folder);
      } catch (error) {
        failOnDisk(error as NodeJS.ErrnoException);
      }
      return { digest, sizeBytes, path };
    },
    remove(digest, evenIfHeld) {
      const removed = index.remove(digest, () => unlink(digest), evenIfHeld);
      if (removed === "held") throw inUse(digest);
      return removed === "removed";
    },
  };
}

function readBlobs(folder: string): IndexedBlob[] {
  const names = readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  return names.map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return { digest: `sha256:${name}`, sizeBytes: size, usedMs: mtimeMs };
  });
}

async function removeAbandoned(folder: string): Promise<void> {
  const startedMs = Date.now() - process.uptime() * 1000;
  for (const name of await readdir(folder)) {
    const [, host, pid] = /^part-([^-]*)-(\d+)-\w+$/.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(folder, name);
    const changedMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(),
    );
    // Our own id in a file that is older than we are is that of an earlier life.
    const isOfDead = Number(pid) === process.pid ? changedMs < startedMs : !isOthersAlive(Number(pid));
    if ((host === HOST && isOfDead) || Date.now() - changedMs > ABANDONED_MS) await rm(path, { force: true });
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

function inUse(digest: string): ImageError {
  return new ImageError(`${digest} is in use`, {
    code: "image-in-use",
    retryable: true,
    hint: "Wait until the deployments that hold it have ended.",
  });
}
