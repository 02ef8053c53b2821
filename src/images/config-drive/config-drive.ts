import { gunzipSync, gzipSync } from "node:zlib";
import { bytesOfContent, contentOfBytes } from "../content.ts";
import { ImageError } from "../errors.ts";
import { identify } from "../inspect/inspect.ts";
import { writeIso } from "../iso/write.ts";
import { type InstanceData, type InstanceNames, type JsonObject, wholeMetaData } from "./data.ts";

/** What cloud-init, Ignition and cloudbase-init look for (OpenStack, "Config drives"). */
const LABEL = "config-2";
const FOLDER = "/openstack/latest";
/** The agent makes a partition of this size for it (ironic-python-agent, partition_utils). */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** The files of a config drive, by their paths on it. Equal data give equal bytes. */
export function configDriveFiles(
  data: InstanceData,
  names: InstanceNames,
): { path: string; content: Uint8Array }[] {
  const json = (name: string, value: JsonObject | undefined) =>
    value === undefined ? [] : [{ path: `${FOLDER}/${name}`, content: Buffer.from(JSON.stringify(value)) }];
  const { userData, networkData, vendorData } = data;
  return [
    ...json("meta_data.json", wholeMetaData(data, names)),
    ...(userData === undefined ? [] : [{ path: `${FOLDER}/user_data`, content: userData }]),
    ...json("network_data.json", networkData),
    // `vendor_data.json` is for data of a whole cloud, and cloud-init merges this one over it.
    ...json("vendor_data2.json", vendorData),
  ];
}

/**
 * A config drive: an ISO 9660 image that does not boot, with Rock Ridge and Joliet.
 *
 * @throws ImageError `config-drive-invalid` when it is larger than the partition that agents make for it
 */
export function makeConfigDrive(data: InstanceData, names: InstanceNames): Buffer {
  const files = configDriveFiles(data, names).map(({ path, content }) => ({
    path,
    content: contentOfBytes(content),
  }));
  const { sizeBytes, extents } = writeIso({ label: LABEL, files, boot: [] });
  if (sizeBytes > LARGEST_BYTES) throw tooLarge(sizeBytes);
  return bytesOfContent({ sizeBytes, extents });
}

/** The form that agents take: gzip in base64. Equal bytes give equal text. */
export function packConfigDrive(drive: Uint8Array): string {
  const packed = gzipSync(drive, { level: 9 });
  // The system that packed it, which differs by where this runs (RFC 1952, 2.3.1).
  packed[9] = 0xff;
  return packed.toString("base64");
}

/**
 * Takes a config drive that somebody has made: an ISO or FAT image as it is, packed by gzip, or that in base64.
 *
 * @returns the form that agents take
 * @throws ImageError `config-drive-invalid`
 */
export async function readConfigDrive(given: Uint8Array): Promise<string> {
  const drive = unpack(Buffer.from(given.buffer, given.byteOffset, given.byteLength));
  const read = (at: number, length: number) => Promise.resolve(drive.subarray(at, at + length));
  const { format, what } = await identify(read, drive.length);
  if (format !== "iso" && format !== "fat")
    throw invalid(
      `The config drive is ${what}`,
      "Give an ISO 9660 or FAT image, as it is or as gzip in base64.",
    );
  return packConfigDrive(drive);
}

const GZIP = Buffer.from([0x1f, 0x8b]);

function unpack(given: Buffer): Buffer {
  const isText = given.length > 0 && given.subarray(0, 1024).every((byte) => byte >= 0x0a && byte < 0x7f);
  const bytes = isText ? Buffer.from(given.toString("latin1"), "base64") : given;
  if (!bytes.subarray(0, 2).equals(GZIP)) return limited(bytes);
  try {
    return gunzipSync(bytes, { maxOutputLength: LARGEST_BYTES });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(undefined);
    throw invalid("The config drive's gzip is damaged", "Pack it anew.", cause);
  }
}

function limited(bytes: Buffer): Buffer {
  if (bytes.length > LARGEST_BYTES) throw tooLarge(bytes.length);
  return bytes;
}

function tooLarge(sizeBytes: number | undefined): ImageError {
  const size = sizeBytes === undefined ? "" : ` of ${sizeBytes} bytes`;
  return invalid(
    `A config drive${size} does not fit into the ${LARGEST_BYTES} bytes that agents make for it`,
    "Have the user data fetch what is large.",
  );
}

function invalid(message: string, hint: string, cause?: unknown): ImageError {
  const code = "config-drive-invalid";
  return new ImageError(message, { code, retryable: false, hint, ...(cause === undefined ? {} : { cause }) });
}
