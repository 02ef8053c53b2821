import { mkdtempSync, rmSync, statSync } from "node:fs";
import { unlink } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyDisc, DiscError } from "./disc-reader.ts";
import { answerFile } from "./ranges.ts";

/** Where copying BMCs keep what they copied, and where their machines read it again. */
export interface Copies {
  /** Copies the image; gives the URL under which the copy is read. @throws DiscError */
  take(url: string, signal: AbortSignal, bytesPerSecond: number | null): Promise<string>;
  drop(copyUrl: string): Promise<void>;
  /** Answers a request for a copy; false when the path is none. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  close(): void;
}

const PATH = /^\/_copies\/(\d+)\.iso$/;

/** @param origin of the server that hands requests to `answer`; asked for when the first copy is made */
export function createCopies(origin: () => string): Copies {
  let folder: string | null = null;
  let count = 0;
  const fileOf = (id: string) => join(folder ?? "", `${id}.iso`);

  return {
    async take(url, signal, bytesPerSecond) {
      folder ??= mkdtempSync(join(tmpdir(), "bmc-copies-"));
      const id = String((count += 1));
      try {
        await copyDisc(url, fileOf(id), { signal, bytesPerSecond });
      } catch (error) {
        // What came before the failure is of no use.
        await unlink(fileOf(id)).catch(() => {});
        throw error;
      }
      return `${origin()}/_copies/${id}.iso`;
    },
    async drop(copyUrl) {
      const id = PATH.exec(new URL(copyUrl).pathname)?.[1];
      if (id === undefined) throw new DiscError(`${copyUrl} is no copy`);
      await unlink(fileOf(id));
    },
    answer(request, response) {
      const id = PATH.exec(request.url ?? "")?.[1];
      if (id === undefined) return false;
      const size = statSync(fileOf(id), { throwIfNoEntry: false })?.size;
      if (size === undefined) response.writeHead(404).end();
      else answerFile(request, response, { path: fileOf(id), size });
      return true;
    },
    close() {
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
  };
}
