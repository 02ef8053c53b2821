import { gzipSync } from "node:zlib";
import { SECTOR_BYTES } from "../el-torito.ts";
import { damaged, refusal } from "../iso9660/damage.ts";
import { isCustomised, readCoreOsJson } from "./coreos-areas.ts";
import type { Layout } from "./layout.ts";

/** Where the archive goes that the live system reads its Ignition config from. */
interface Area {
  start: number;
  length: number;
}

/** Published images have 256 KiB; what claims more than this is not read. */
const LARGEST_BYTES = 16 * 1024 * 1024;
const OLD_HEADER_AT = 16 * SECTOR_BYTES - 24;

/**
 * Embeds an Ignition config as `config.ign` in the image's area, as an archive that the kernel unpacks over the ramdisk;
 * packed by gzip where it would not fit as it is.
 *
 * @throws ImageError `iso-data-not-read`, `iso-already-customised`, `iso-no-room`, `iso-damaged`
 */
export async function embedIgnition(layout: Layout, config: Buffer, force: boolean): Promise<void> {
  checkConfig(config);
  const area = (await findArea(layout)) ?? (await findOldArea(layout));
  if (area === undefined) throw notRead("The CoreOS image has no area for an Ignition config");
  const present = await layout.overlay.read(area.start, area.length);
  if (present.length < area.length) throw damaged("its area for Ignition lies behind its end");
  if (!force && present.some((byte) => byte !== 0)) throw isCustomised("an Ignition config");
  const plain = archiveOf("config.ign", config);
  const archive = plain.length <= area.length ? plain : gzipSync(plain, { level: 9 });
  if (archive.length > area.length)
    throw refusal(
      "iso-no-room",
      `The Ignition config takes ${archive.length} bytes packed, and the CoreOS image has room for ${area.length}`,
      "Have the config merge a larger one from a URL (ignition.config.merge).",
    );
  const whole = Buffer.alloc(area.length);
  archive.copy(whole);
  await layout.overlay.write(area.start, whole);
}

/** An empty config would silently turn off the console's login, and one that is no Ignition would stop the boot. */
function checkConfig(config: Buffer): void {
  let json: unknown;
  try {
    json = JSON.parse(config.toString("utf8"));
  } catch {
    throw notRead("userData for CoreOS is no JSON, as an Ignition config must be");
  }
  const version = (json as { ignition?: { version?: unknown } } | null)?.ignition?.version;
  if (typeof version !== "string") throw notRead("userData for CoreOS has no ignition.version");
}

async function findArea(layout: Layout): Promise<Area | undefined> {
  const json = await readCoreOsJson(layout, "/coreos/igninfo.json", "/COREOS/IGNINFO.JSO");
  const info = (json ?? {}) as { file?: unknown; offset?: unknown; length?: unknown };
  const path = typeof info.file === "string" ? info.file : "images/ignition.img";
  const found = await layout.trees[0]!.find(path);
  if (found === undefined || found.isDirectory) return undefined;
  const offset = typeof info.offset === "number" ? info.offset : 0;
  const length = typeof info.length === "number" ? info.length : found.sizeBytes - offset;
  const isWithin = offset >= 0 && length > 0 && offset + length <= found.sizeBytes;
  if (!isWithin || !Number.isSafeInteger(offset + length) || length > LARGEST_BYTES)
    throw damaged("coreos/igninfo.json leads out of its file");
  return { start: found.block * SECTOR_BYTES + offset, length };
}

/** `coreiso+`, offset and length (coreos-installer before igninfo.json). */
async function findOldArea({ overlay }: Layout): Promise<Area | undefined> {
  const header = await overlay.read(OLD_HEADER_AT, 24);
  if (header.length < 24 || header.toString("latin1", 0, 8) !== "coreiso+") return undefined;
  const start = Number(header.readBigUInt64LE(8));
  const length = Number(header.readBigUInt64LE(16));
  if (length === 0 || length > LARGEST_BYTES || start + length > overlay.blocks() * SECTOR_BYTES)
    throw damaged("its header for Ignition leads out of the image");
  return { start, length };
}

/** A `newc` archive of one file that its owner alone can read (Linux, driver-api/early-userspace/buffer-format). */
function archiveOf(name: string, content: Buffer): Buffer {
  return Buffer.concat([...entry(name, 0o100600, content), ...entry("TRAILER!!!", 0, Buffer.alloc(0))]);
}

function entry(name: string, mode: number, content: Buffer): Buffer[] {
  const isFile = mode !== 0;
  const fields = [isFile ? 1 : 0, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${name}\0`;
  return [aligned(Buffer.from(header, "latin1")), aligned(content)];
}

function aligned(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function notRead(message: string): Error {
  return refusal(
    "iso-data-not-read",
    message,
    "Give an Ignition config of version 3 as JSON; Butane turns a Butane config into one.",
  );
}
