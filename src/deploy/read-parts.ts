import type { StoredImage } from "../images/index.ts";
import { readFile } from "node:fs/promises";
import { REQUEST_BLOB_BYTES } from "./blobs.ts";
import { StepError } from "./errors.ts";
import type { DiscOrder, Parts } from "./parts.ts";
import type { RequestSecrets } from "./request.ts";
import { type DataName, partsOf, type PartSpec } from "./request-parts.ts";
import type { StepContext } from "./step.ts";
import { deploymentOf } from "./steps/known.ts";

/** Parts at URLs that have been fetched, by their names. */
export type FetchedParts = ReadonlyMap<string, StoredImage>;

/** The node's own files with their contents. What was fetched is served from the store, and not copied. */
export async function readFiles(
  parts: Pick<Parts, "blobs">,
  context: StepContext,
  secrets: RequestSecrets,
  fetched: FetchedParts,
): Promise<DiscOrder["files"]> {
  const { disc } = deploymentOf(context);
  const files: DiscOrder["files"] = [];
  for (const [index, file] of disc.files.entries()) {
    const name = `files[${index}]`;
    const content = fetched.get(name) ?? (await readContent(parts, name, file, secrets));
    files.push({ path: file.path, content, inRamdisk: file.inRamdisk === true });
  }
  return files;
}

/** The documents of a request. */
export async function readData(
  parts: Pick<Parts, "blobs">,
  context: StepContext,
  secrets: RequestSecrets,
  fetched: FetchedParts,
): Promise<DiscOrder["data"]> {
  const data: DiscOrder["data"] = {};
  for (const [name, part] of Object.entries(deploymentOf(context).data ?? {}) as [
    DataName,
    PartSpec | null,
  ][]) {
    const stored = fetched.get(name);
    if (part === null) data[name] = null;
    else if (stored === undefined) data[name] = await readContent(parts, name, part, secrets);
    else data[name] = await readStored(name, stored);
  }
  return data;
}

/** Parts of a request that are at URLs. */
export function partsAtUrls(context: StepContext): [string, { url: string; checksum: string | null }][] {
  return partsOf(deploymentOf(context)).flatMap(([name, part]) =>
    "url" in part ? [[name, { url: part.url, checksum: part.checksum }]] : [],
  );
}

async function readContent(
  { blobs }: Pick<Parts, "blobs">,
  name: string,
  part: PartSpec,
  { partsBase64 = {} }: RequestSecrets,
): Promise<Buffer> {
  if ("url" in part) throw new StepError(`${name} was not fetched`, { code: "internal-error" });
  if (!("blob" in part)) return Buffer.from(partsBase64[name] ?? "", "base64");
  const content = await blobs.read(part.blob);
  if (content !== undefined) return content;
  throw new StepError(`${part.blob}, of which ${name} was to be, is gone`, {
    code: "blob-not-found",
    hint: "Send the bytes again to POST /v1/blobs, and deploy with what comes back.",
  });
}

async function readStored(name: string, { path, sizeBytes }: StoredImage): Promise<Buffer> {
  if (sizeBytes <= REQUEST_BLOB_BYTES) return readFile(path);
  throw new StepError(`${name} has ${sizeBytes} bytes; at most ${REQUEST_BLOB_BYTES} are read`, {
    code: "part-too-large",
    hint: "Have what reads it fetch what is large.",
  });
}
