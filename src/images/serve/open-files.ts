import { type FileHandle, open, statfs } from "node:fs/promises";
import { createWarmth, isLocal, NEVER_WARM, type Warmth } from "./warmth.ts";

/** A file that is open while somebody holds it, and a while longer. */
export interface OpenFile {
  readonly fd: number;
  readonly warmth: Warmth;
}

/** Files kept open between the thousands of small reads that one mount makes, and closed when nobody reads. */
export interface OpenFiles {
  /** Holds a file that is open already, without a wait. */
  holdOpen(key: string): OpenFile | undefined;
  /** @returns undefined when there is no such file */
  hold(key: string): Promise<OpenFile | undefined>;
  release(file: OpenFile): void;
  /** Closes what nobody holds, and the rest when it is released. */
  close(): Promise<void>;
}

interface Shared extends OpenFile {
  key: string;
  handle: FileHandle;
  holds: number;
  releasedMs: number;
}

/**
 * @param find gives the path of a key; undefined when there is no such file
 * @param idleMs how long a file that nobody holds stays open, at least
 */
export function createOpenFiles(
  find: (key: string) => Promise<string | undefined>,
  idleMs = 10_000,
): OpenFiles {
  const files = new Map<string, Shared>();
  const opening = new Map<string, Promise<Shared | undefined>>();
  let closing = false;
  const sweeper = setInterval(() => {
    for (const file of files.values())
      if (file.holds === 0 && performance.now() - file.releasedMs >= idleMs) void shut(file);
  }, idleMs);
  sweeper.unref();

  function openOnce(key: string): Promise<Shared | undefined> {
    const begun = opening.get(key) ?? find(key).then((path) => openFound(key, path));
    opening.set(key, begun);
    const settle = (file?: Shared): void => {
      opening.delete(key);
      if (file !== undefined) files.set(key, file);
    };
    begun.then(settle, () => settle());
    return begun;
  }

  async function shut(file: Shared): Promise<void> {
    // Before the close, so that whoever asks from now on opens anew.
    files.delete(file.key);
    await file.handle.close();
  }

  function holdOpen(key: string): Shared | undefined {
    const file = files.get(key);
    if (file !== undefined) file.holds += 1;
    return file;
  }

  return {
    holdOpen,
    hold: async (key) => holdOpen(key) ?? ((await openOnce(key)) && holdOpen(key)),
    release(released) {
      const file = released as Shared;
      file.holds -= 1;
      file.releasedMs = performance.now();
      if (closing && file.holds === 0) void shut(file);
    },
    async close() {
      closing = true;
      clearInterval(sweeper);
      await Promise.allSettled(opening.values());
      await Promise.all([...files.values()].filter(({ holds }) => holds === 0).map(shut));
    },
  };
}

async function openFound(key: string, path: string | undefined): Promise<Shared | undefined> {
  if (path === undefined) return undefined;
  try {
    const handle = await open(path, "r");
    const warmth = await warmthOf(path, handle);
    return { key, handle, fd: handle.fd, warmth, holds: 0, releasedMs: performance.now() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function warmthOf(path: string, handle: FileHandle): Promise<Warmth> {
  const { type } = await statfs(path);
  return isLocal(type) ? createWarmth((await handle.stat()).size) : NEVER_WARM;
}
