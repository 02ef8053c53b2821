import { readFile } from "node:fs/promises";
import {
  ImageError,
  type InstanceData,
  type JsonObject,
  makeConfigDrive,
  packConfigDrive,
  readConfigDrive,
  type StoredImage,
  uuidOf,
} from "../images/index.ts";
import type { Parts } from "./parts.ts";
import { type FetchedParts, readData } from "./read-parts.ts";
import type { WriteSpec } from "./request.ts";
import type { StepContext } from "./step.ts";

/** Another deployment is another instance, which runs its first-boot work again. */
export async function instanceNames(context: StepContext): Promise<{ uuid: string; name: string }> {
  return { uuid: uuidOf(context.view.id), name: (await context.node()).name };
}

/**
 * What the written system is told about itself: the documents of the request, and of the node's network where the request
 * says nothing of it.
 *
 * @throws ImageError `config-drive-invalid` for a document that is no JSON and has to be
 */
export async function instanceData(
  parts: Pick<Parts, "blobs">,
  context: StepContext,
  fetched: FetchedParts,
): Promise<InstanceData> {
  const data = await readData(parts, context, await context.secrets(), fetched);
  const { userData, metaData, vendorData, networkData } = data;
  const ofNode = networkData === undefined ? (await context.node()).networkData : null;
  return {
    userData: userData ?? undefined,
    metaData: jsonOf("metaData", metaData),
    vendorData: jsonOf("vendorData", vendorData),
    networkData: jsonOf("networkData", networkData) ?? ofNode ?? undefined,
  };
}

function jsonOf(name: string, bytes: Buffer | null | undefined): JsonObject | undefined {
  if (bytes === undefined || bytes === null) return undefined;
  try {
    const parsed: unknown = JSON.parse(bytes.toString("utf8"));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as JsonObject;
  } catch {
    // Said below, without a word of what it holds.
  }
  throw new ImageError(`${name} is no JSON object, as a config drive has it`, {
    code: "config-drive-invalid",
    retryable: false,
    hint: "Give it as an object, or the text of one.",
  });
}

/**
 * The config drive of a deployment in the form that agents take; null where it has none.
 *
 * @param drive the stored copy of one that was given by its URL
 * @throws ImageError `config-drive-invalid`
 */
export async function packedConfigDrive(
  parts: Pick<Parts, "blobs">,
  context: StepContext,
  { configDrive }: WriteSpec,
  { drive, fetched }: { drive?: StoredImage | undefined; fetched: FetchedParts },
): Promise<string | null> {
  if (configDrive.kind === "none") return null;
  if (configDrive.kind === "fetched") return readConfigDrive(await readFile(drive!.path));
  if (configDrive.kind === "given") return (await context.secrets()).configDrive!;
  const data = await instanceData(parts, context, fetched);
  return packConfigDrive(makeConfigDrive(data, await instanceNames(context)));
}
