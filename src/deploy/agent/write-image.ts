import { parseChecksum, uuidOf } from "../../images/index.ts";
import type { Parts } from "../parts.ts";
import type { DiskImageSpec, WriteSpec } from "../request.ts";
import type { StepContext } from "../step.ts";
import { known, maybe } from "../steps/known.ts";
import { packedConfigDrive } from "../config-drive.ts";
import { fileUrl } from "../steps/publish-image.ts";

/** Arguments of the agent's `write_image` (ironic-python-agent, hardware.py and extensions/standby.py). */
export async function writeImageArgs(
  parts: Pick<Parts, "seals" | "blobs">,
  context: StepContext,
  write: WriteSpec,
): Promise<Record<string, unknown>> {
  const configdrive =
    maybe(context, "isConfigDriveServed") === true
      ? fileUrl(parts, context, "config-drive")
      : await packedConfigDrive(parts, context, write, { fetched: new Map() });
  return {
    image_info: {
      ...(write.from === "store" ? ownSource(parts, context) : foreignSource(write.image)),
      container_format: "bare",
      node_uuid: uuidOf((await context.node()).id),
      ...layoutOf(write.image),
    },
    configdrive,
  };
}

/** Where the agent gets the image from us, by the digest that was verified. */
function ownSource(parts: Pick<Parts, "seals">, context: StepContext): Record<string, unknown> {
  const { digest, format } = known(context, "diskImage");
  const hex = digest.replace(/^sha256:/, "");
  return {
    // An agent does not write an image again whose id it has written before.
    id: hex,
    urls: [fileUrl(parts, context, "disk")],
    os_hash_algo: "sha256",
    os_hash_value: hex,
    ...formatOf(format),
  };
}

/** The image's own URL, whose checksum and format the request had to tell. */
function foreignSource({ url, checksum, format }: DiskImageSpec): Record<string, unknown> {
  const parsed = parseChecksum(checksum!);
  const check =
    parsed instanceof URL
      ? { checksum: parsed.href }
      : { os_hash_algo: parsed.algorithm, os_hash_value: parsed.hex };
  return {
    id: uuidOf(`${url} ${checksum}`),
    urls: [url],
    ...check,
    ...formatOf(format === "gpt" ? "raw" : format!),
  };
}

/** Raw bytes go to the disk as they come; all else is converted in the machine's memory. */
function formatOf(format: string): Record<string, unknown> {
  return { disk_format: format, stream_raw_images: format === "raw" };
}

function layoutOf({ layout }: DiskImageSpec): Record<string, unknown> {
  if (layout === null) return {};
  const { rootMiB, swapMiB, ephemeralMiB } = layout;
  return {
    image_type: "partition",
    root_mb: rootMiB,
    swap_mb: swapMiB,
    ephemeral_mb: ephemeralMiB,
    ephemeral_format: ephemeralMiB === 0 ? null : "ext4",
    preserve_ephemeral: false,
  };
}
