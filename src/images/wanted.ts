import { createHash } from "node:crypto";
import { checkPolicy, type Checksum, type ChecksumPolicy, findChecksum, parseChecksum } from "./checksum.ts";
import { ImageError } from "./errors.ts";
import type { Network } from "./source/exchange.ts";
import { createFileSource } from "./source/file.ts";
import { createHttpSource } from "./source/http.ts";
import type { Part, Source } from "./source/source.ts";
import type { ImageRequest } from "./store.ts";

/** A request for an image, understood and allowed. */
export interface Wanted {
  /** Equal for requests that one fetch answers; holds no secret. */
  key: string;
  source: Source;
  /** A source stands for the file that holds the checksum. */
  checksum: Checksum | Source | null;
  /** The name by which a checksum file knows the image. */
  fileName: string;
  policy: ChecksumPolicy;
}

/** What requests are judged by, and how their sources are reached. */
export interface Ways {
  network: Network;
  policy: ChecksumPolicy;
}

/** Larger checksum files list more than any distribution releases at once. */
const CHECKSUM_FILE_BYTES = 1024 * 1024;

/** @throws ImageError `image-not-allowed`, `checksum-invalid` or `checksum-required`; nothing was touched */
export function understand(request: ImageRequest, ways: Ways): Wanted {
  if (!URL.canParse(request.url))
    throw new ImageError("The image's URL is not a URL", {
      code: "image-not-allowed",
      retryable: false,
      hint: "Write http://host/path.iso, https://… or file:///path.iso.",
    });
  const url = new URL(request.url);
  ways.network.rules.checkUrl(url);
  const checksum = request.checksum === null ? null : parseChecksum(request.checksum);
  checkPolicy(checksum, ways.policy);
  const parts = [url.href, checksum instanceof URL ? checksum.href : checksum, request.auth ?? null];
  return {
    key: createHash("sha256")
      .update(JSON.stringify([...parts, request.tls ?? null]))
      .digest("hex"),
    source: sourceOf(url, request, ways.network),
    checksum: checksum instanceof URL ? checksumSource(checksum, url, request, ways.network) : checksum,
    fileName: decodeURIComponent(url.pathname.split("/").at(-1) ?? ""),
    policy: ways.policy,
  };
}

function sourceOf(url: URL, request: Pick<ImageRequest, "auth" | "tls">, network: Network): Source {
  return url.protocol === "file:"
    ? createFileSource(url, network.rules)
    : createHttpSource(url, request, network);
}

/** Auth and trust go with a checksum file on the image's own origin only. */
function checksumSource(checksum: URL, image: URL, request: ImageRequest, network: Network): Source {
  network.rules.checkUrl(checksum);
  return sourceOf(checksum, checksum.origin === image.origin ? request : {}, network);
}

/** @throws ImageError as a fetch would */
export async function probe(wanted: Wanted): Promise<{ sizeBytes: number | null; acceptsRanges: boolean }> {
  const { source } = wanted;
  const signal = AbortSignal.timeout(60_000);
  await readChecksum(wanted, signal);
  const report = await source.probe(signal);
  if (report.sizeBytes !== 0) return report;
  throw new ImageError(`${source.shown} is empty`, { code: "image-not-bootable", retryable: false });
}

/** The checksum itself, read from its file where a URL was given. */
export async function readChecksum(wanted: Wanted, signal: AbortSignal): Promise<Checksum | null> {
  const { checksum, fileName, policy } = wanted;
  if (checksum === null || "hex" in checksum) return checksum;
  const found = findChecksum(await readSmall(await checksum.open(0, null, signal), checksum.shown), fileName);
  checkPolicy(found, policy);
  return found;
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
