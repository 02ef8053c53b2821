import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { type AgentDisk, CommandFailure, type Json, objectAt } from "./options.ts";

const CONFIG_DRIVE_BYTES = 64 * 1024 * 1024;
const MD5_LENGTH = 32;

/** The step `write_image`: fetches, checks, writes; returns what the agent says of it. */
export async function writeImage(
  args: Json,
  node: Json,
  disk: AgentDisk,
  permitted: readonly string[],
): Promise<string> {
  const info = objectAt(args, "image_info");
  const urls = Array.isArray(info["urls"]) ? info["urls"].map(String) : [];
  const id = text(info["id"]);
  if (id === "" || urls.length === 0) throw invalid("Image is missing id or urls");
  const checksum = readChecksum(info);
  checkHints(node, disk);
  if (disk.discards === true) {
    await discard(urls[0]!, checksum);
    return writtenAs(id);
  }
  const bytes = await fetchAny(urls, info, checksum, id);
  const format = text(info["disk_format"]);
  const isStreamed = format === "raw" && info["stream_raw_images"] === true;
  if (!isStreamed) checkFormat(bytes, format, permitted);
  await putOnDisk(bytes, format, disk);
  await putConfigDrive(args["configdrive"], disk);
  return writtenAs(id);
}

const writtenAs = (id: string): string =>
  `prepare_image: image (${id}) written to device /dev/sda root_uuid=0x00000000`;

/** Reads an image as it is streamed to a disk, and keeps none of it. */
async function discard(url: string, { algorithm, hex }: { algorithm: string; hex: string }): Promise<void> {
  const response = await fetch(url);
  const hash = createHash(algorithm);
  for await (const chunk of response.body!) hash.update(chunk as Uint8Array);
  if (response.status === 200 && hash.digest("hex") === hex) return;
  throw new CommandFailure({ type: "ImageChecksumError", message: `status ${response.status} of ${url}` });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function invalid(message: string): CommandFailure {
  return new CommandFailure({ type: "InvalidCommandParamsError", code: 400, message });
}

function readChecksum(info: Json): { algorithm: string; hex: string } {
  const named = { algorithm: text(info["os_hash_algo"]), hex: text(info["os_hash_value"]) };
  const plain = text(info["checksum"]);
  const found = named.hex === "" ? { algorithm: plain.length > 64 ? "sha512" : "sha256", hex: plain } : named;
  if (found.hex === "") throw invalid("Image checksum is missing");
  if (found.hex.length === MD5_LENGTH || found.algorithm === "md5") throw invalid("MD5 support is disabled");
  return found;
}

/** Hints with the operator `s==` or none; the others are not known here. */
function checkHints(node: Json, disk: AgentDisk): void {
  const hints = {
    ...objectAt(node["properties"], "root_device"),
    ...objectAt(node["instance_info"], "root_device"),
  };
  for (const [name, wanted] of Object.entries(hints)) {
    const has = name === "serial" ? disk.serial : name === "model" ? disk.model : undefined;
    if (
      has?.toLowerCase() ===
      String(wanted)
        .replace(/^s==\s*/, "")
        .toLowerCase()
    )
      continue;
    const message = `No suitable device was found for deployment using these hints ${JSON.stringify(hints)}`;
    throw new CommandFailure({ type: "DeviceNotFound", code: 404, message });
  }
}

/** Twice at most, where the real one tries ten times: for connections, 5xx and checksums. */
async function fetchAny(
  urls: readonly string[],
  info: Json,
  checksum: { algorithm: string; hex: string },
  id: string,
): Promise<Buffer> {
  let last: CommandFailure | undefined;
  for (const url of [...urls, ...urls]) {
    const bytes = await fetchOnce(url, info).catch((error: unknown) => {
      if (error instanceof CommandFailure) throw error;
      last = new CommandFailure({
        type: "CommandExecutionError",
        message: `Error downloading image ${id}: ${String(error)}`,
      });
    });
    if (bytes === undefined) continue;
    const actual = createHash(checksum.algorithm).update(bytes).digest("hex");
    if (actual === checksum.hex) return bytes;
    const message = `Error verifying image checksum: Image failed to verify against checksum. location: ${id}; image ID: ${url}; expected: ${checksum.hex}; actual: ${actual}`;
    last = new CommandFailure({ type: "ImageChecksumError", message });
  }
  throw last!;
}

async function fetchOnce(url: string, info: Json): Promise<Buffer | undefined> {
  const authorization = text(info["image_request_authorization"]);
  const headers =
    authorization === "" ? {} : { authorization: Buffer.from(authorization, "base64").toString() };
  const response = await fetch(url, { headers });
  if (response.status === 200) return Buffer.from(await response.arrayBuffer());
  await response.body?.cancel();
  const message = `Error downloading image: Received status code ${response.status} from ${url}, expected 200.`;
  if (response.status < 500) throw new CommandFailure({ type: "ImageDownloadFatalError", message });
  throw new Error(message);
}

function checkFormat(bytes: Buffer, declared: string, permitted: readonly string[]): void {
  const found = bytes.toString("latin1", 0, 4) === "QFI\xfb" ? "qcow2" : "raw";
  if (found === declared && permitted.includes(found)) return;
  const message = `The image is of format ${found}, and ${declared} was declared; permitted: ${permitted.join(", ")}`;
  throw new CommandFailure({ type: "InvalidImage", message });
}

async function putOnDisk(bytes: Buffer, format: string, disk: AgentDisk): Promise<void> {
  const raw = format === "qcow2" ? await unpack(bytes) : bytes;
  if (raw.length < 512 || raw.readUInt16LE(510) !== 0xaa55)
    throw new CommandFailure({
      type: "CommandExecutionError",
      message: "No partitions found on device /dev/sda",
    });
  await writeFile(disk.path, raw);
  await truncate(disk.path, disk.sizeBytes);
}

async function unpack(bytes: Buffer): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "agent-image-"));
  try {
    const [from, to] = [join(folder, "image"), join(folder, "raw")];
    await writeFile(from, bytes);
    await promisify(execFile)("qemu-img", ["convert", "-t", "unsafe", "-f", "qcow2", "-O", "raw", from, to]);
    return await readFile(to);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** base64 of gzip, or a URL; it goes to the end of the disk, as a partition of 64 MiB does. */
async function putConfigDrive(given: unknown, disk: AgentDisk): Promise<void> {
  if (typeof given !== "string") return;
  const packed = /^https?:/.test(given)
    ? Buffer.from(await (await fetch(given)).arrayBuffer()).toString()
    : given;
  const bytes = gunzipSync(Buffer.from(packed, "base64"));
  await using file = await open(disk.path, "r+");
  await file.write(bytes, 0, bytes.length, Math.max(0, disk.sizeBytes - CONFIG_DRIVE_BYTES));
}
