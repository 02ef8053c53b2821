import { open } from "node:fs/promises";
import { type DiscData, noCloudFiles, volumeFiles } from "../compose/data.ts";
import { checkPaths, type NodeFile, placeFiles } from "../compose/files.ts";
import { checkLabel } from "../compose/label.ts";
import type { InstanceNames } from "../config-drive/data.ts";
import { type Disc, tagOf } from "../disc.ts";
import { ImageError } from "../errors.ts";
import { writeFat } from "../fat/write.ts";
import { readerOf } from "../inspect/read-at.ts";
import type { IsoReport } from "../iso.ts";
import { refusal } from "../iso9660/damage.ts";
import { writeIso } from "../iso/write.ts";
import type { StoredImage } from "../image.ts";
import { detectFamily, type InstallerFamily } from "./family.ts";
import { findBootTexts } from "./find-menus.ts";
import { readLayout } from "./layout.ts";
import { createOverlay } from "./overlay.ts";
import { agamaFile } from "./presets.ts";

/** What is to lie beside an ISO image that stays as it is. */
export interface SecondDiscOrder extends DiscData {
  discId: string;
  names: InstanceNames;
  files: readonly NodeFile[];
  /** Volume label; what reads the documents decides unless given. */
  label?: string | undefined;
  /** A CD takes ISO 9660; a floppy or a USB stick is a FAT file system. */
  format: "iso" | "fat";
}

/** A small disc that does not boot, and its label. */
export interface SecondDisc {
  disc: Disc;
  label: string;
}

/** UDF is what Windows' images are, and hides what else is on them. */
type Reader = InstallerFamily | "udf";

interface Volume {
  label: string;
  files: readonly NodeFile[];
}

/**
 * Puts a node's documents and files onto a disc of their own, as the installer on an image looks for it by its label. The
 * image is read as far as to know which installer that is, and nothing of it is changed.
 *
 * @throws ImageError `iso-data-not-read`, `data-not-read`, `files-invalid`, `disc-label-invalid`
 */
export async function makeSecondDisc(
  image: StoredImage,
  report: IsoReport,
  order: SecondDiscOrder,
): Promise<SecondDisc> {
  const volume = volumeOf(await readerOn(image, report), order);
  checkLabel(volume.label);
  const files = [...volume.files, ...order.files];
  checkPaths(files.map(({ path }) => path));
  const placed = placeFiles(files);
  if (order.format === "fat") {
    const fat = writeFat(volume.label, placed);
    const content = { sizeBytes: fat.sizeBytes, extents: [...fat.extents] };
    return {
      label: volume.label,
      disc: { id: order.discId, ...content, etag: tagOf(content), boot: NO_BOOT },
    };
  }
  const iso = writeIso({ label: volume.label, files: placed, boot: [] });
  return { label: volume.label, disc: { id: order.discId, ...iso, etag: tagOf(iso), boot: NO_BOOT } };
}

const NO_BOOT: Disc["boot"] = { catalogue: { start: 0, end: 0 }, images: [] };

async function readerOn(image: StoredImage, report: IsoReport): Promise<Reader> {
  const handle = await open(image.path, "r");
  try {
    const layout = await readLayout(createOverlay(image, readerOf(handle, image.sizeBytes)), report);
    return await detectFamily(layout, await findBootTexts(layout));
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    // What cannot be looked into is taken for an image that reads what lies beside it by its label alone.
    return error.code === "iso-is-udf" ? "udf" : "other";
  } finally {
    await handle.close();
  }
}

/** Where installers look for their configuration on other media (anaconda and YaST: `OEMDRV`; cloud-init: `CIDATA`). */
function volumeOf(reader: Reader, order: SecondDiscOrder): Volume {
  const { userData, metaData, vendorData, networkData, names, label } = order;
  const given = Object.entries({ userData, metaData, vendorData, networkData }).filter(
    ([, document]) => document !== undefined,
  );
  if (given.length === 0) return { label: label ?? "CONFIG", files: [] };
  if (label !== undefined && /^(config-2|cidata)$/i.test(label))
    return { label, files: volumeFiles(order, names, label) };
  if (reader === "ubuntu") return { label: label ?? "CIDATA", files: noCloudFiles(order, names, "/") };
  if (reader === "other")
    return { label: label ?? "config-2", files: volumeFiles(order, names, label ?? "config-2") };
  const path = userData && pathBeside(reader, userData);
  const others = given.filter(([name]) => name !== "userData");
  if (path === undefined || others.length > 0) throw notBeside(others[0]?.[0] ?? "userData", reader);
  return { label: label ?? "OEMDRV", files: [{ path, content: userData! }] };
}

function pathBeside(reader: Exclude<Reader, "ubuntu" | "other">, userData: Buffer): string | undefined {
  switch (reader) {
    case "red-hat":
      return "/ks.cfg";
    case "autoyast":
      return "/autoinst.xml";
    case "agama":
      return agamaFile(userData);
    case "udf":
      // Setup looks for it in the root of every medium (Microsoft, "Windows Setup automation overview").
      return /<unattend\b/.test(userData.toString("utf8")) ? "/Autounattend.xml" : undefined;
    case "debian":
    case "coreos":
    case "esxi":
      return undefined;
    default:
      return reader satisfies never;
  }
}

function notBeside(what: string, reader: Reader): ImageError {
  const who = reader === "udf" ? "nothing on this image" : `no ${reader} installer`;
  return refusal(
    "iso-data-not-read",
    `${what} was given, and ${who} would read it from a second disc`,
    "Have the ISO patched, where it can be, or give files and a discLabel that the system looks for.",
  );
}
