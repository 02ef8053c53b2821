import { ImageError } from "./errors.ts";

export type Algorithm = "md5" | "sha1" | "sha256" | "sha384" | "sha512";

/** A digest that bytes must have. */
export interface Checksum {
  algorithm: Algorithm;
  /** Lower case. */
  hex: string;
  /** Whether other bytes with this digest can be made on purpose: it finds accidents, no attackers. */
  isWeak: boolean;
}

const HEX_LENGTHS: Record<Algorithm, number> = { md5: 32, sha1: 40, sha256: 64, sha384: 96, sha512: 128 };
const ALGORITHMS = Object.keys(HEX_LENGTHS) as Algorithm[];

/**
 * Reads `algo:hex`, bare hex (its length tells the algorithm), or the URL of a checksum file.
 *
 * @throws ImageError `checksum-invalid`
 */
export function parseChecksum(text: string): Checksum | URL {
  const trimmed = text.trim();
  if (/^(https?|file):\/\//i.test(trimmed) && URL.canParse(trimmed)) return new URL(trimmed);
  const [, name, hex = ""] = /^(?:([a-z0-9-]+):)?([0-9a-f]+)$/i.exec(trimmed) ?? [];
  const algorithm = ALGORITHMS.find((known) =>
    name === undefined ? HEX_LENGTHS[known] === hex.length : known === algorithmOf(name),
  );
  if (algorithm === undefined || HEX_LENGTHS[algorithm] !== hex.length) throw invalid(trimmed);
  return { algorithm, hex: hex.toLowerCase(), isWeak: algorithm === "md5" || algorithm === "sha1" };
}

/** `SHA-256` and OpenSSL's `SHA2-256` are one. */
const algorithmOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^sha2-/, "sha")
    .replace("-", "");

/**
 * Finds a file's digest in what `sha256sum` and its kin write (`hex  name`, `hex *name`), in the BSD form
 * (`SHA256 (name) = hex`), or in a file that holds one digest and nothing else. Of several the strongest counts.
 *
 * @param imagePath of the image's URL. Lists of a whole folder have the same name several times, as Debian's have
 *   `./netboot/initrd.gz` and `./hd-media/initrd.gz`: the one counts of which most stands at the end of this path
 * @throws ImageError `checksum-invalid` when the file says nothing about that name, or not which of several is meant
 */
export function findChecksum(text: string, imagePath: string): Checksum {
  const fileName = nameOf(imagePath);
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const named = nearest(
    lines.flatMap(readLine).filter(({ path }) => nameOf(path) === fileName),
    imagePath,
  );
  const [strongest, ...others] = named
    .map((line) => digest(line.digest))
    .sort((one, other) => other.hex.length - one.hex.length);
  if (others.some(({ algorithm, hex }) => algorithm === strongest?.algorithm && hex !== strongest.hex))
    throw unclear(`The checksum file has several files named ${fileName}`);
  if (strongest !== undefined) return strongest;
  const [only, ...more] = lines.filter((line) => line !== "");
  if (only !== undefined && more.length === 0 && /^(?:[a-z0-9-]+:)?[0-9a-f]+$/i.test(only))
    return digest(only);
  throw unclear(`The checksum file says nothing about ${fileName}`);
}

/** A line of a checksum file, whatever it is about. */
interface Line {
  /** Without a leading `./`. */
  path: string;
  digest: string;
}

function readLine(line: string): Line[] {
  const gnu = /^\\?([0-9a-f]{32,128})\s+\*?(\S.*)$/i.exec(line);
  if (gnu !== null) return [{ path: plain(gnu[2]!), digest: gnu[1]! }];
  const bsd = /^([a-z0-9-]+)\s*\((.+)\)\s*=\s*([0-9a-f]+)$/i.exec(line);
  return bsd === null ? [] : [{ path: plain(bsd[2]!), digest: `${bsd[1]!}:${bsd[3]!}` }];
}

/** The lines whose whole path ends the image's, and of these those of the longest; all where none does. */
function nearest(lines: Line[], imagePath: string): Line[] {
  const fitting = lines.filter(({ path }) => `/${plain(imagePath)}`.endsWith(`/${path}`));
  const longest = Math.max(...fitting.map(({ path }) => path.length));
  return fitting.length === 0 ? lines : fitting.filter(({ path }) => path.length === longest);
}

const plain = (path: string): string => path.replace(/^(?:\.?\/)+/, "");
const nameOf = (path: string): string => path.split("/").at(-1) ?? "";

function unclear(message: string): ImageError {
  return new ImageError(message, {
    code: "checksum-invalid",
    retryable: false,
    hint: "Give the checksum itself, as sha256:hex.",
  });
}

/** What an operator demands of checksums. */
export interface ChecksumPolicy {
  /** Whether an image without one is refused. */
  isRequired: boolean;
  /** Whether MD5 and SHA-1 count: other bytes with the same digest can be made on purpose. */
  allowsWeak: boolean;
}

/** @throws ImageError `checksum-required`, or `checksum-invalid` for one that proves too little */
export function checkPolicy(checksum: Checksum | URL | null, policy: ChecksumPolicy): void {
  if (checksum === null && policy.isRequired)
    throw new ImageError("The image comes without a checksum, and this server takes none such", {
      code: "checksum-required",
      retryable: false,
      hint: "Give its checksum, as sha256:hex or as the URL of a checksum file.",
    });
  if (checksum === null || checksum instanceof URL || !checksum.isWeak || policy.allowsWeak) return;
  throw new ImageError(
    `${checksum.algorithm} proves too little: other bytes with the same digest can be made`,
    {
      code: "checksum-invalid",
      retryable: false,
      hint: "Give a sha256, sha384 or sha512 digest, or set TRAYLOAD_IMAGE_WEAK_CHECKSUMS=true.",
    },
  );
}

function digest(text: string): Checksum {
  const parsed = parseChecksum(text);
  if (parsed instanceof URL) throw invalid(text);
  return parsed;
}

function invalid(text: string): ImageError {
  return new ImageError(`"${text.slice(0, 80)}" is no checksum`, {
    code: "checksum-invalid",
    retryable: false,
    hint: "Write sha256:hex (or sha512, sha384), bare hex, or the URL of a checksum file.",
  });
}
