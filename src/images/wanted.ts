import { createHash } from "node:crypto";
import { checkPolicy, type Checksum, type ChecksumPolicy, findChecksum, parseChecksum } from "./checksum.ts";
import { ImageError } from "./errors.ts";
import type { OciSettings } from "./oci/endpoints.ts";
import { parseReference, type Reference } from "./oci/reference.ts";
import { createOciSource } from "./oci/source.ts";
import type { Recipe } from "./recipe.ts";
import type { Network } from "./source/exchange.ts";
import { createFileSource } from "./source/file.ts";
import { createHttpSource } from "./source/http.ts";
import { type Part, plainPath, type Probed, type Source } from "./source/source.ts";
import type { ImageRequest } from "./image.ts";

/** A request for an image, understood and allowed. */
export interface Wanted {
  /** Equal for requests that one fetch answers; holds no secret. */
  key: string;
  source: Source;
  /** A source stands for the file that holds the checksum. */
  checksum: Checksum | Source | null;
  /** What is to be made of the bytes; a source that pins itself says more. */
  recipe: Recipe | null;
  /** sha256 that must come out in the end, of bytes that another copy of this store had. */
  digest: string | undefined;
  /** Under what the store knows the result again, where the request itself names exactly one. */
  alias: string | undefined;
  /** The path by whose end a checksum file knows the image. */
  path: string;
  policy: ChecksumPolicy;
}

/** What requests are judged by, and how their sources are reached. */
export interface Ways {
  network: Network;
  policy: ChecksumPolicy;
  oci: OciSettings;
}

/** Larger checksum files list more than any distribution releases at once. */
const CHECKSUM_FILE_BYTES = 1024 * 1024;

/** @throws ImageError `image-not-allowed`, `checksum-invalid` or `checksum-required`; nothing was touched */
export function understand(request: ImageRequest, ways: Ways): Wanted {
  if (!URL.canParse(request.url))
    throw new ImageError("The image's URL is not a URL", {
      code: "image-not-allowed",
      retryable: false,
      hint: "Write http://host/path.iso, https://…, oci://host/repository:tag or file:///path.iso.",
    });
  const url = new URL(request.url);
  const { arch, member, digest } = request;
  const reference = url.protocol === "oci:" ? parseReference(request.url) : undefined;
  const checksum = checksumOf(request, reference);
  const pinned = digest ?? reference?.digest ?? null;
  if (pinned === null || checksum !== null) checkPolicy(checksum, ways.policy);
  const parts = [request.url, checksum instanceof URL ? checksum.href : checksum, request.auth ?? null];
  const named = JSON.stringify([...parts, request.tls, arch, member, digest].map((part) => part ?? null));
  return {
    key: createHash("sha256").update(named).digest("hex"),
    source: sourceOf(url, reference, request, ways),
    checksum: checksum instanceof URL ? checksumSource(checksum, url, request, ways) : checksum,
    recipe: member === undefined ? null : { unpack: null, member },
    digest,
    alias: reference?.digest ? ["oci", reference.digest, arch, member].join(">") : undefined,
    path: plainPath(url),
    policy: ways.policy,
  };
}

/** What the source must send. Where what came of it is known already, that alone counts, and no list need be read again. */
function checksumOf(
  { checksum, digest, member }: ImageRequest,
  reference?: Reference,
): Checksum | URL | null {
  if (digest === undefined) return checksum === null ? null : parseChecksum(checksum);
  return member === undefined && reference === undefined ? parseChecksum(digest) : null;
}

function sourceOf(
  url: URL,
  reference: Reference | undefined,
  request: Omit<ImageRequest, "url" | "checksum">,
  { network, oci }: Ways,
): Source {
  if (reference !== undefined) {
    network.rules.checkUrl(new URL(`https://${reference.host}/`));
    return createOciSource(reference, request, oci, network);
  }
  network.rules.checkUrl(url);
  return url.protocol === "file:"
    ? createFileSource(url, network.rules)
    : createHttpSource(url, request, network);
}

/** Auth and trust go with a checksum file on the image's own origin only. */
function checksumSource(checksum: URL, image: URL, { auth, tls }: ImageRequest, ways: Ways): Source {
  const isOwn = checksum.protocol !== "file:" && checksum.origin === image.origin;
  const given = { ...(auth === undefined ? {} : { auth }), ...(tls === undefined ? {} : { tls }) };
  return sourceOf(checksum, undefined, isOwn ? given : {}, ways);
}

/** @throws ImageError as a fetch would */
export async function probe(wanted: Wanted): Promise<Probed> {
  const { source } = wanted;
  const signal = AbortSignal.timeout(60_000);
  await readChecksum(wanted, signal);
  const report = await source.probe(signal);
  if (report.sizeBytes !== 0) return report;
  throw new ImageError(`${source.shown} is empty`, { code: "image-not-bootable", retryable: false });
}

/** What is to be fetched, and what is to be made of it, after the source was asked where it knows more. */
export interface Settled {
  /** All that the bytes of the source must have. */
  checksums: Checksum[];
  recipe: Recipe | null;
}

/** @throws ImageError */
export async function settle(wanted: Wanted, signal: AbortSignal): Promise<Settled> {
  const given = await readChecksum(wanted, signal);
  const pinned = await wanted.source.pin?.(signal);
  const checksums = [pinned?.checksum ?? null, given].filter((checksum) => checksum !== null);
  return { checksums, recipe: pinned === undefined ? wanted.recipe : pinned.recipe };
}

/** The checksum itself, read from its file where a URL was given. */
export async function readChecksum(wanted: Wanted, signal: AbortSignal): Promise<Checksum | null> {
  const { checksum, path, policy } = wanted;
  if (checksum === null || "hex" in checksum) return checksum;
  const found = findChecksum(await readSmall(await checksum.open(0, null, signal), checksum.shown), path);
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
