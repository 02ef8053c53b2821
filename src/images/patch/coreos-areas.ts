import { SECTOR_BYTES } from "../el-torito.ts";
import { damaged, refusal } from "../iso9660/damage.ts";
import { type KernelArgsChange, writePlainArg } from "../kernel-args.ts";
import type { Layout } from "./layout.ts";
import { changeCommandLine } from "./menus/command-line.ts";
import { splice } from "./menus/menu.ts";
import { wordsOf } from "./menus/syslinux.ts";

/** Places that hold the same arguments, each of the same length, padded (coreos-installer, "embed areas"). */
interface ArgAreas {
  /** What the image came with; undefined where it does not say. */
  original: string | undefined;
  sizeBytes: number;
  areas: { start: number; pad: string; end: string }[];
}

const JSON_BYTES = 64 * 1024;
const AREA_BYTES = 2048;
const AREAS = 16;
/** Older images have a header before the volume descriptors instead of kargs.json. */
const OLD_HEADER_AT = 16 * SECTOR_BYTES - 24 - 72;

/**
 * Changes the arguments in every area.
 *
 * @param force takes areas that somebody has changed before
 * @throws ImageError `iso-no-boot-menu`, `iso-already-customised`, `iso-no-room`, `kernel-args-invalid`, `iso-damaged`
 */
export async function changeCoreOsArgs(
  layout: Layout,
  change: KernelArgsChange,
  force: boolean,
): Promise<number> {
  refuseQuoted(change);
  const found = (await readKargsJson(layout)) ?? (await readOldHeader(layout));
  if (found === undefined) throw noAreas();
  const present = await readCurrent(layout, found);
  if (!force && found.original !== undefined && present !== found.original)
    throw isCustomised("kernel arguments");
  const words = wordsOf(present, 0);
  const end = words.at(-1)?.end ?? 0;
  const next = splice(present, changeCommandLine(words, end, change, writePlainArg))
    .trim()
    .replaceAll(/ {2,}/g, " ");
  for (const { start, pad, end: mark } of found.areas) {
    const written = next + mark;
    if (next.length >= found.sizeBytes) throw areaIsFull(next.length, found.sizeBytes);
    await layout.overlay.write(start, Buffer.from(written.padEnd(found.sizeBytes, pad), "latin1"));
  }
  return found.areas.length;
}

/** GRUB reads the area as a part of its line, and syslinux reads the same text, so nothing in it can be quoted. */
function refuseQuoted(change: KernelArgsChange): void {
  for (const arg of [...change.append, ...change.replace]) {
    const written = writePlainArg(arg);
    if (/^[A-Za-z0-9._:/,=@%+-]+$/.test(written)) continue;
    throw refusal(
      "kernel-args-invalid",
      `${written.slice(0, 60)} has a character that CoreOS images cannot take in kernel arguments`,
      "Use letters, digits and . _ : / , = @ % + - only.",
    );
  }
}

/** A JSON file of the image, under the first of these paths that is there. */
export async function readCoreOsJson(layout: Layout, ...paths: string[]): Promise<unknown> {
  for (const path of paths) {
    const found = await layout.trees[0]!.find(path);
    if (found === undefined || found.isDirectory) continue;
    const bytes = await layout.overlay.read(
      found.block * SECTOR_BYTES,
      Math.min(found.sizeBytes, JSON_BYTES),
    );
    try {
      return JSON.parse(bytes.toString("utf8"));
    } catch {
      throw damaged(`${path} is no JSON`);
    }
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

async function readKargsJson(layout: Layout): Promise<ArgAreas | undefined> {
  const json = await readCoreOsJson(layout, "/coreos/kargs.json", "/COREOS/KARGS.JSO");
  if (json === undefined) return undefined;
  if (!isObject(json) || !isCount(json["size"]) || json["size"] > AREA_BYTES || !Array.isArray(json["files"]))
    throw damaged("coreos/kargs.json does not say where its areas are");
  const sizeBytes = json["size"];
  const areas: ArgAreas["areas"] = [];
  for (const file of json["files"].slice(0, AREAS) as unknown[]) {
    if (!isObject(file) || typeof file["path"] !== "string" || !isCount(file["offset"]))
      throw damaged("coreos/kargs.json names a file that is none");
    const start = await placeIn(layout, file["path"], file["offset"], sizeBytes);
    const { pad = "#", end = "\n" } = file;
    if (typeof pad !== "string" || pad.length !== 1 || typeof end !== "string")
      throw damaged("coreos/kargs.json pads with something that is no character");
    areas.push({ start, pad, end });
  }
  const original = typeof json["default"] === "string" ? json["default"].trim() : undefined;
  return areas.length === 0 ? undefined : { original, sizeBytes, areas };
}

async function placeIn(layout: Layout, path: string, offset: number, length: number): Promise<number> {
  const found = await layout.trees[0]!.find(path);
  if (found === undefined || found.isDirectory) throw noAreas(path);
  if (offset + length > found.sizeBytes) throw damaged(`the area of kernel arguments leaves ${path}`);
  return found.block * SECTOR_BYTES + offset;
}

/** `coreKarg`, length, offset of the default, and up to six offsets of areas (coreos-installer before kargs.json). */
async function readOldHeader({ overlay }: Layout): Promise<ArgAreas | undefined> {
  const header = await overlay.read(OLD_HEADER_AT, 72);
  if (header.length < 72 || header.toString("latin1", 0, 8) !== "coreKarg") return undefined;
  const numbers = Array.from({ length: 8 }, (_, index) => Number(header.readBigUInt64LE(8 + 8 * index)));
  const [sizeBytes = 0, originalAt = 0, ...starts] = numbers;
  const used = starts.filter((start) => start !== 0);
  const limit = overlay.blocks() * SECTOR_BYTES;
  if (sizeBytes > AREA_BYTES || [originalAt, ...used].some((at) => at + sizeBytes > limit))
    throw damaged("its header of kernel arguments leads out of the image");
  const original = bareText(await overlay.read(originalAt, sizeBytes), "#", "\n");
  return {
    original: originalAt === 0 ? undefined : original,
    sizeBytes,
    areas: used.map((start) => ({ start, pad: "#", end: "\n" })),
  };
}

async function readCurrent({ overlay }: Layout, { areas, sizeBytes }: ArgAreas): Promise<string> {
  const texts = new Set<string>();
  for (const { start, pad, end } of areas)
    texts.add(bareText(await overlay.read(start, sizeBytes), pad, end));
  const [text = "", ...others] = texts;
  if (others.length > 0) throw damaged("its areas of kernel arguments disagree");
  return text;
}

function bareText(bytes: Buffer, pad: string, end: string): string {
  let text = bytes.toString("latin1");
  while (text.endsWith(pad)) text = text.slice(0, -1);
  if (end !== "" && text.endsWith(end)) text = text.slice(0, -end.length);
  return text.trim();
}

export function isCustomised(what: string): Error {
  return refusal(
    "iso-already-customised",
    `Somebody has put ${what} of their own into this CoreOS image`,
    "Use the image as it was published, or set force.",
  );
}

function areaIsFull(length: number, sizeBytes: number): Error {
  return refusal(
    "iso-no-room",
    `${length} characters of kernel arguments do not fit into the ${sizeBytes - 1} that the CoreOS image has room for`,
    "Give fewer kernel arguments.",
  );
}

function noAreas(path?: string): Error {
  return refusal(
    "iso-no-boot-menu",
    path === undefined
      ? "The CoreOS image has no areas for kernel arguments"
      : `The CoreOS image keeps kernel arguments in ${path}, which is not among its files`,
    "Use a published live ISO of Fedora CoreOS or RHEL CoreOS.",
  );
}
