import { createHash } from "node:crypto";
import { type Checksum, findChecksum, parseChecksum } from "./checksum.ts";
import { ImageError } from "./errors.ts";
import { createFileSource, probeFile } from "./source/file.ts";
import { createHttpSource, probeHttp } from "./source/http.ts";
import type { SourceRules } from "./source/rules.ts";
import { type Part, showUrl, type Source } from "./source/source.ts";
import type { ImageRequest } from "./store.ts";

/** A request for an image, understood and allowed. */
export interface Wanted {
  /** Equal for requests that one fetch answers; holds no secret. */
  key: string;
  url: URL;
  source: Source;
  /** A URL stands for the file that holds the checksum. */
  checksum: Checksum | URL | null;
  auth: ImageRequest["auth"];
  rules: SourceRules;
}

/** Larger checksum files list more than any distribution releases at once. */
const CHECKSUM_FILE_BYTES = 1024 * 1024;

/** @throws ImageError `image-not-allowed` or `checksum-invalid`; nothing was touched */
export function understand(request: ImageRequest, rules: SourceRules): Wanted {
  if (!URL.canParse(request.url))
    throw new ImageError("The image's URL is not a URL", {
      code: "image-not-allowed",
      retryable: false,
      hint: "Write http://host/path.iso, https://… or file:///path.iso.",
    });
  const url = new URL(request.url);
  rules.checkUrl(url);
  const checksum = request.checksum === null ? null : parseChecksum(request.checksum);
  if (checksum instanceof URL) rules.checkUrl(checksum);
  const parts = [url.href, checksum instanceof URL ? checksum.href : checksum, request.auth ?? null];
  const key = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return { key, url, source: sourceOf(url, request.auth, rules), checksum, auth: request.auth, rules };
}

function sourceOf(url: URL, auth: ImageRequest["auth"], rules: SourceRules): Source {
  return url.protocol === "file:" ? createFileSource(url, rules) : createHttpSource(url, auth, rules);
}

/** @throws ImageError as a fetch would */
export async function probe(wanted: Wanted): Promise<{ sizeBytes: number | null; acceptsRanges: boolean }> {
  const { url, auth, rules, source } = wanted;
  await readChecksum(wanted, AbortSignal.timeout(60_000));
  const isFile = url.protocol === "file:";
  const report = isFile ? await probeFile(url, rules) : await probeHttp(url, auth, rules);
  if (report.sizeBytes !== 0) return report;
  throw new ImageError(`${source.shown} is empty`, { code: "image-not-bootable", retryable: false });
}

/** The checksum itself, read from its file where a URL was given. Auth goes with it on the image's own origin only. */
export async function readChecksum(wanted: Wanted, signal: AbortSignal): Promise<Checksum | null> {
  const { checksum, url, auth, rules } = wanted;
  if (!(checksum instanceof URL)) return checksum;
  const source = sourceOf(checksum, checksum.origin === url.origin ? auth : undefined, rules);
  const text = await readSmall(await source.open(0, null, signal), showUrl(checksum));
  const fileName = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
  return findChecksum(text, fileName);
}

async function readSmall(part: Part, shown: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of part.body) {
      bytes += chunk.length;
      if (bytes > CHECKSUM_FILE_BYTES)
        throw new ImageError(`${shown} is too large for a checksum file`, {
          code: "checksum-invalid",
          retryable: false,
        });
      chunks.push(chunk);
    }
  } finally {
    await part.close();
  }
  return Buffer.concat(chunks).toString();
}
