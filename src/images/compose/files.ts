import { type Content, contentOfBytes, contentOfImage } from "../content.ts";
import { ImageError } from "../errors.ts";
import type { StoredImage } from "../image.ts";

/** A file that one node is given. */
export interface NodeFile {
  /** Absolute, with `/` between the names. */
  path: string;
  /** Bytes of the node's own, or what is stored anyway. */
  content: Uint8Array | StoredImage;
  executable?: boolean;
}

/** A file with its content placed. */
export interface PlacedFile {
  path: string;
  content: Content;
  executable: boolean;
}

/** What Joliet's and Rock Ridge's records have room for, without continuation areas. */
const NAME_CHARACTERS = 103;
const NAME_BYTES = 120;
/** Fewer than what Linux takes (PATH_MAX), and more than anybody needs. */
const PATH_BYTES = 1024;
/** No disc needs more, and each costs a record in two trees. */
const FILES = 1_000;

/** @throws ImageError as `checkPaths` */
export function placeFiles(files: readonly NodeFile[], taken: ReadonlySet<string> = new Set()): PlacedFile[] {
  checkPaths(
    files.map(({ path }) => path),
    taken,
  );
  return files.map(({ path, content, executable = false }) => ({
    path,
    executable,
    content: content instanceof Uint8Array ? contentOfBytes(content) : contentOfImage(content),
  }));
}

/**
 * Judges a node's files by their names alone.
 *
 * @param taken paths that the disc has for itself, in lower case
 * @throws ImageError `files-invalid`, which says which path and why
 */
export function checkPaths(paths: readonly string[], taken: ReadonlySet<string> = new Set()): void {
  if (paths.length > FILES) throw invalid(`${paths.length} files are too many: at most ${FILES}`);
  const seen = new Set<string>();
  for (const path of paths) {
    checkPath(path);
    if (taken.has(path.toLowerCase())) throw invalid(`${path} is a file of the disc itself`);
    if (seen.has(path)) throw invalid(`${path} comes twice`);
    seen.add(path);
  }
  for (const path of [...seen, ...taken]) {
    const above = parents(path).find((parent) => seen.has(parent) || taken.has(parent.toLowerCase()));
    if (above !== undefined) throw invalid(`${path} lies below ${above}, which is a file`);
  }
}

function checkPath(path: string): void {
  const shown = JSON.stringify(path.slice(0, 100));
  if (!path.startsWith("/")) throw invalid(`${shown} does not begin with /`);
  if (Buffer.byteLength(path) > PATH_BYTES) throw invalid(`${shown} is longer than ${PATH_BYTES} bytes`);
  if (/[\p{Cc}\p{Cs}]/u.test(path)) throw invalid(`${shown} has a control character`);
  for (const name of path.slice(1).split("/")) {
    if (name === "" || name === "." || name === "..")
      throw invalid(`${shown} has a name that is empty, . or ..`);
    if (name.length > NAME_CHARACTERS || Buffer.byteLength(name) > NAME_BYTES)
      throw invalid(`${shown} has a name longer than ${NAME_CHARACTERS} characters or ${NAME_BYTES} bytes`);
  }
}

/** `/a` and `/a/b` of `/a/b/c`. */
function parents(path: string): string[] {
  const names = path.split("/");
  return names.slice(2).map((_, index) => names.slice(0, index + 2).join("/"));
}

function invalid(message: string): ImageError {
  return new ImageError(message, {
    code: "files-invalid",
    retryable: false,
    hint: "Write paths such as /etc/motd, each once.",
  });
}
