import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ImageError } from "../errors.ts";
import type { SourceRules } from "./rules.ts";
import { showUrl, type Source, type Version } from "./source.ts";

/**
 * Reads an image from a file below an allowed path. It is copied into the store like any other image: a file that is
 * changed where it lies, as people do who build ISOs, must never be served under the digest that it had.
 */
export function createFileSource(url: URL, rules: SourceRules): Source {
  return {
    shown: showUrl(url),
    async open() {
      const { handle, facts } = await openAllowed(url, rules);
      const body = readWhole(handle, facts, showUrl(url));
      const sizeBytes = Number(facts.size);
      const close = () => handle.close();
      return { offset: 0, sizeBytes, version: versionOf(facts), resumes: false, body, close };
    },
    async isUnchanged(version) {
      const facts = await openAllowed(url, rules).then(
        async ({ handle, facts: seen }) => {
          await handle.close();
          return seen;
        },
        () => undefined,
      );
      return facts !== undefined && versionOf(facts).etag === version.etag;
    },
    async probe() {
      const { handle, facts } = await openAllowed(url, rules);
      await handle.close();
      return { sizeBytes: Number(facts.size), acceptsRanges: true, version: null };
    },
  };
}

/** Opens a regular file whose real path is allowed; `/dev/zero` and pipes would never end. */
async function openAllowed(
  url: URL,
  rules: SourceRules,
): Promise<{ handle: FileHandle; facts: BigIntStats }> {
  let handle: FileHandle | undefined;
  try {
    const path = await realpath(pathOf(url));
    rules.checkPath(path);
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const facts = await handle.stat({ bigint: true });
    // Between the two calls a folder may have become a link to elsewhere.
    const named = await stat(await realpath(path), { bigint: true });
    if (
      !facts.isFile() ||
      named.ino !== facts.ino ||
      named.dev !== facts.dev ||
      (await realpath(path)) !== path
    )
      throw failed(url, "is not a plain file", "image-not-allowed");
    return { handle, facts };
  } catch (error) {
    await handle?.close();
    throw error instanceof ImageError ? error : unreadable(url, error as NodeJS.ErrnoException);
  }
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw failed(url, "is not the URL of a file on this host", "image-not-found", cause);
  }
}

async function* readWhole(handle: FileHandle, before: BigIntStats, shown: string): AsyncGenerator<Buffer> {
  for await (const chunk of handle.createReadStream({ autoClose: false })) yield chunk as Buffer;
  const after = await handle.stat({ bigint: true });
  if (versionOf(after).etag !== versionOf(before).etag)
    throw new ImageError(`${shown} was changed while it was read`, {
      code: "image-unreachable",
      retryable: true,
      hint: "Write images beside their place and rename them into it.",
    });
}

/** Stands for the content as long as nobody sets a clock back on purpose. */
function versionOf(facts: BigIntStats): Version & { etag: string } {
  return { etag: [facts.dev, facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join("-") };
}

const ABSENT = { code: "image-not-found", what: "is not there" } as const;
const DENIED = { code: "image-access-denied", what: "may not be read by the server" } as const;
const NO_FILE = { code: "image-not-allowed", what: "is not a plain file" } as const;

/** What waiting does not change; all else is the file system's trouble, and may pass. */
const UNREADABLE: Record<string, { code: ImageError["code"]; what: string }> = {
  ENOENT: ABSENT,
  ENOTDIR: ABSENT,
  ENAMETOOLONG: ABSENT,
  // Node's own, for a name with a zero byte in it.
  ERR_INVALID_ARG_VALUE: ABSENT,
  EACCES: DENIED,
  EPERM: DENIED,
  ELOOP: DENIED,
  // Sockets, and devices that are not there.
  ENXIO: NO_FILE,
  ENODEV: NO_FILE,
};

function unreadable(url: URL, error: NodeJS.ErrnoException): ImageError {
  const known = UNREADABLE[error.code ?? ""];
  return failed(url, known?.what ?? "cannot be opened", known?.code ?? "image-unreachable", error);
}

function failed(url: URL, what: string, code: ImageError["code"], cause?: unknown): ImageError {
  return new ImageError(`${showUrl(url)} ${what}`, {
    code,
    retryable: code === "image-unreachable",
    hint: "Give a plain file below a path of TRAYLOAD_IMAGE_ALLOW that the server may read.",
    ...(cause === undefined ? {} : { cause }),
  });
}
