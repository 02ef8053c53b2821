import { type FileHandle, open } from "node:fs/promises";

/** A file that stays open until it is released. */
export interface HeldFile {
  handle: FileHandle;
  release(): void;
}

/** Files kept open between the thousands of small reads that one mount makes, and closed when nobody reads. */
export interface OpenFiles {
  /** @returns undefined when there is no such file */
  hold(key: string): Promise<HeldFile | undefined>;
  /** Closes what nobody holds, and the rest when it is released. */
  close(): Promise<void>;
}

interface Shared {
  handle: FileHandle;
  holds: number;
  idle: NodeJS.Timeout | undefined;
}

/**
 * @param find gives the path of a key; undefined when there is no such file
 * @param idleMs how long a file that nobody holds stays open
 */
export function createOpenFiles(
  find: (key: string) => Promise<string | undefined>,
  idleMs = 10_000,
): OpenFiles {
  const files = new Map<string, Promise<Shared | undefined>>();
  let closing = false;

  function share(key: string): Promise<Shared | undefined> {
    const known = files.get(key);
    if (known !== undefined) return known;
    const opening = find(key).then(openFound);
    files.set(key, opening);
    const forget = (): void => void files.delete(key);
    opening.then((file) => file ?? forget(), forget);
    return opening;
  }

  async function shut(key: string, file: Shared): Promise<void> {
    clearTimeout(file.idle);
    // Before the close, so that whoever asks from now on opens anew.
    files.delete(key);
    await file.handle.close();
  }

  function release(key: string, file: Shared): void {
    file.holds -= 1;
    if (file.holds > 0) return;
    file.idle = setTimeout(() => void shut(key, file), closing ? 0 : idleMs);
    file.idle.unref();
  }

  return {
    async hold(key) {
      const file = await share(key);
      if (file === undefined) return undefined;
      clearTimeout(file.idle);
      file.holds += 1;
      return { handle: file.handle, release: () => release(key, file) };
    },
    async close() {
      closing = true;
      const known = [...files].map(async ([key, opening]) => {
        const file = await opening.catch(() => undefined);
        if (file?.holds === 0) await shut(key, file);
      });
      await Promise.all(known);
    },
  };
}

async function openFound(path: string | undefined): Promise<Shared | undefined> {
  if (path === undefined) return undefined;
  try {
    return { handle: await open(path, "r"), holds: 0, idle: undefined };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
