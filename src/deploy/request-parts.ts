import type { Parts } from "./parts.ts";
import { IntakeError } from "./input.ts";
import type { DeploymentRequest } from "./request.ts";

/** Documents for what a node boots, or for the system that is written to its disk. */
export const DATA_NAMES = ["userData", "metaData", "vendorData", "networkData"] as const;
export type DataName = (typeof DATA_NAMES)[number];

/** Bytes of a request: in it, sent ahead of it (`POST /v1/blobs`), or at a URL. */
export type PartInput = { contentBase64: string } | { blob: string } | { url: string; checksum?: string };

/** A part as it is kept and shown; its content is sealed apart, or elsewhere. */
export type PartSpec = { sizeBytes: number } | { blob: string } | { url: string; checksum: string | null };

/** A file of the node's own. */
export type FileSpec = { path: string; inRamdisk?: true } & PartSpec;

/** What is kept of a part in the open. */
export function specOf(part: PartInput): PartSpec {
  if ("blob" in part) return { blob: part.blob };
  if ("url" in part) return { url: part.url, checksum: part.checksum ?? null };
  return { sizeBytes: Buffer.byteLength(part.contentBase64, "base64") };
}

/** What is kept of parts under seal, by their names. */
export function contentsOf(parts: readonly (readonly [string, PartInput])[]): Record<string, string> {
  const inside = parts.flatMap(([name, part]) =>
    "contentBase64" in part ? [[name, part.contentBase64] as const] : [],
  );
  return Object.fromEntries(inside);
}

/** Every part of a request by its name, which is its field too: `files[0]`, `userData`. */
export function partsOf({ disc, data = {} }: Pick<DeploymentRequest, "disc" | "data">): [string, PartSpec][] {
  return [
    ...disc.files.map((file, index): [string, PartSpec] => [`files[${index}]`, file]),
    ...Object.entries(data).flatMap(([name, part]): [string, PartSpec][] =>
      part === null ? [] : [[name, part]],
    ),
  ];
}

/** How long a deployment may have to wait for its node before its own time begins. */
const QUEUED_MS = 7 * 24 * 3_600_000;

/**
 * Has what was sent ahead kept as long as the request may need it.
 *
 * @throws IntakeError `blob-not-found` that names the field
 */
export async function keepBlobs(blobs: Parts["blobs"], request: DeploymentRequest): Promise<void> {
  const forMs = request.timeoutMs + request.discTtlMs + QUEUED_MS;
  for (const [name, part] of partsOf(request)) {
    if (!("blob" in part) || (await blobs.keep(part.blob, forMs))) continue;
    throw new IntakeError(`there is no ${part.blob}, or none any more`, {
      code: "blob-not-found",
      hint: "Send the bytes again to POST /v1/blobs, and name what comes back.",
      fields: [{ path: `${name}.blob`, message: "names no blob" }],
    });
  }
}
