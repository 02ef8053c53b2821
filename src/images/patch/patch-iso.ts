import { open } from "node:fs/promises";
import type { DiscData } from "../compose/data.ts";
import type { NodeFile } from "../compose/files.ts";
import type { InstanceNames } from "../config-drive/data.ts";
import { type Disc, discOfIso } from "../disc.ts";
import { SECTOR_BYTES } from "../el-torito.ts";
import { ImageError } from "../errors.ts";
import { readerOf } from "../inspect/read-at.ts";
import type { IsoReport } from "../iso.ts";
import { refusal } from "../iso9660/damage.ts";
import type { KernelArgsChange } from "../kernel-args.ts";
import type { StoredImage } from "../image.ts";
import { type ChangedText, changeMenus, MEDIA_CHECKS, withoutMediaCheck } from "./change-menus.ts";
import { changeCoreOsArgs } from "./coreos-areas.ts";
import { embedIgnition } from "./coreos-ignition.ts";
import { detectFamily, type InstallerFamily } from "./family.ts";
import { admitFiles, type PatchFile, putFiles } from "./files.ts";
import { type BootText, findBootTexts, kindOf } from "./find-menus.ts";
import { type Layout, readLayout, stretch } from "./layout.ts";
import { updateMd5Sums } from "./md5sums.ts";
import { createOverlay } from "./overlay.ts";
import { presetOf } from "./presets.ts";
import { relabel } from "./relabel.ts";
import { findUnifiedKernel } from "./signed-kernels.ts";
import { verify } from "./verify.ts";

/** What is to differ on a node's disc from the image it is made of. */
export interface PatchChanges extends DiscData {
  /** What documents say of the machine unless they do. */
  names?: InstanceNames | undefined;
  kernelArgs?: KernelArgsChange | undefined;
  /** New files, or other content for those that are there. */
  files?: readonly NodeFile[] | undefined;
  /** Volume label. */
  label?: string | undefined;
  /** Seconds until a menu starts its default entry by itself, where menus are changed; 1 unless told, null: as it is. */
  menuTimeoutS?: number | null | undefined;
  /** Takes a CoreOS image that somebody has customised before, and replaces what they put in. */
  force?: boolean | undefined;
}

/** A disc over an image that stays as it is, and what was done to it in words for the record. */
export interface PatchedDisc {
  disc: Disc;
  family: InstallerFamily;
  /** Boot menus that were changed, and how many kernel command lines each has. */
  menus: { path: string; loader: string; isInFat: boolean; entries: number }[];
  /** Paths that were put onto the disc, the installer's own configuration too. */
  files: string[];
  /** What a person should know who reads the record. */
  warnings: string[];
  /** Bytes that are kept for this disc alone. */
  ownBytes: number;
}

/** Zeros behind everything: a BIOS GRUB reads 32 KiB at once, and fails where a medium ends before that. */
const PADDING_BLOCKS = 150;
const NOBODY: InstanceNames = { uuid: "00000000-0000-0000-0000-000000000000", name: "localhost" };
const NO_ARGS: KernelArgsChange = { append: [], remove: [], replace: [] };

/**
 * Lays changes over a stored ISO image, without copying it: what differs is kept, and the rest is read from the shared
 * copy. It reads directories and boot menus, a few hundred kilobytes at most, and takes milliseconds whatever the image's
 * size; so it is also how to find out, before a BMC is touched, whether the changes can be honoured.
 *
 * Equal images and changes give equal bytes and an equal tag.
 *
 * @param report of the same image, from `inspectIso`
 * @param discId becomes the disc's id
 * @throws ImageError `iso-damaged`, `iso-unsupported`, `iso-is-udf`, `iso-signed-kernel`, `iso-no-boot-menu`,
 *   `iso-media-check`, `iso-no-room`, `iso-already-customised`, `iso-data-not-read`, `data-not-read`,
 *   `network-data-unsupported`, `files-invalid`, `kernel-args-invalid`, `disc-label-invalid`
 */
export async function patchIso(
  image: StoredImage,
  report: IsoReport,
  changes: PatchChanges,
  discId: string,
): Promise<PatchedDisc> {
  const handle = await open(image.path, "r");
  try {
    const overlay = createOverlay(image, readerOf(handle, image.sizeBytes));
    const layout = await readLayout(overlay, report);
    const texts = await findBootTexts(layout);
    const family = await detectFamily(layout, texts);
    const done = await apply(layout, { family, texts, report, changes });
    if (done.isUntouched)
      return {
        disc: discOfIso(image, report, discId),
        family,
        menus: [],
        files: [],
        warnings: [],
        ownBytes: 0,
      };
    const disc = await finish(layout, image, report, done.files);
    return {
      disc: { id: discId, ...disc.view, boot: { catalogue: report.catalogue, images: report.images } },
      family,
      menus: done.menus.map(({ path, loader, isInFat, entries }) => ({ path, loader, isInFat, entries })),
      files: done.files.map(({ path }) => path),
      warnings: done.warnings,
      ownBytes: disc.ownBytes,
    };
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(`The ISO image "${report.volumeLabel}" cannot be patched`, {
      code: "iso-damaged",
      retryable: false,
      hint: "Fetch the image again and give its checksum.",
      cause: error,
    });
  } finally {
    await handle.close();
  }
}

interface Task {
  family: InstallerFamily;
  texts: readonly BootText[];
  report: IsoReport;
  changes: PatchChanges;
}

interface Done {
  isUntouched: boolean;
  menus: ChangedText[];
  files: PatchFile[];
  warnings: string[];
}

async function apply(layout: Layout, task: Task): Promise<Done> {
  const { family, changes, report } = task;
  const preset = presetOf(family, changes, changes.names ?? NOBODY, changes.label ?? report.volumeLabel);
  const asked = changes.kernelArgs ?? NO_ARGS;
  const args = { ...asked, append: [...preset.args, ...asked.append] };
  const files = admitFiles([...preset.files, ...(changes.files ?? [])]);
  refuseMenusAsFiles(task, files);
  const hasArgs = [...args.append, ...args.remove, ...args.replace].length > 0;
  const ignition = family === "coreos" ? changes.userData : undefined;
  const isRelabelled = await relabel(layout, task);
  if (!hasArgs && files.length === 0 && ignition === undefined && !isRelabelled)
    return { isUntouched: true, menus: [], files, warnings: [] };
  if (ignition !== undefined) await embedIgnition(layout, ignition, changes.force ?? false);
  const menus = await applyArgs(layout, task, args, hasArgs);
  await putFiles(layout, report, files);
  await updateMd5Sums(layout, [...menus.flatMap(namesOf), ...files.flatMap(sumsOf)]);
  return { isUntouched: false, menus, files, warnings: warningsFor(layout, task, menus, files) };
}

/** Every menu, or the areas that CoreOS has for this. */
async function applyArgs(
  layout: Layout,
  { family, texts, changes }: Task,
  args: KernelArgsChange,
  hasArgs: boolean,
): Promise<ChangedText[]> {
  if (family === "coreos") {
    if (hasArgs) await changeCoreOsArgs(layout, args, changes.force ?? false);
    return [];
  }
  const check = [...args.append, ...args.replace].find(({ name }) => MEDIA_CHECKS.includes(name));
  if (check !== undefined) throw wantsMediaCheck(check.name);
  const unified = hasArgs ? await findUnifiedKernel(layout) : undefined;
  if (unified !== undefined) throw isSigned(unified);
  const timeoutS = changes.menuTimeoutS === undefined ? 1 : changes.menuTimeoutS;
  const menus = await changeMenus(layout, texts, {
    args: withoutMediaCheck(args),
    timeoutS: hasArgs ? timeoutS : null,
  });
  if (hasArgs && !texts.some((text) => kindOf(text) !== undefined)) throw hasNoMenu();
  return menus;
}

function namesOf({ names, bytes, isInFat }: ChangedText): { path: string; bytes: Buffer }[] {
  return isInFat ? [] : names.map((path) => ({ path, bytes }));
}

function sumsOf({ path, content }: PatchFile): { path: string; bytes: Buffer }[] {
  return Buffer.isBuffer(content) ? [{ path, bytes: content }] : [];
}

/** A menu cannot be both replaced and changed: which of the two was meant could not be told from the disc. */
function refuseMenusAsFiles({ texts, changes }: Task, files: readonly PatchFile[]): void {
  if (changes.kernelArgs === undefined) return;
  const menus = texts.filter((text) => kindOf(text) !== undefined).map(({ path }) => path.toLowerCase());
  const twice = files.find(({ path }) => menus.includes(path.toLowerCase()));
  if (twice === undefined) return;
  throw refusal(
    "files-invalid",
    `${twice.path} is a boot menu, and kernelArgs would change it as well`,
    "Give either the whole menu among the files, with its arguments, or kernelArgs.",
  );
}

function warningsFor(
  { frozenOrigins }: Layout,
  { texts }: Task,
  menus: readonly ChangedText[],
  files: readonly PatchFile[],
): string[] {
  const warnings: string[] = [];
  const hadCheck = texts.some(({ text }) => MEDIA_CHECKS.some((name) => text.includes(name)));
  if (hadCheck && menus.length > 0)
    warnings.push("The boot menus no longer have the medium checked, which a patched one would not pass.");
  if (frozenOrigins.length > 0 && (files.length > 0 || menus.length > 0))
    warnings.push(
      "Shown as a disk, the image's first partition does not show what was changed; shown as a CD, all of it is seen.",
    );
  return warnings;
}

async function finish(
  layout: Layout,
  image: StoredImage,
  report: IsoReport,
  files: readonly PatchFile[],
): Promise<{ view: Omit<Disc, "id" | "boot">; ownBytes: number }> {
  const { overlay, trees } = layout;
  for (const tree of trees) await tree.commit();
  const hasTail = files.length > 0 || overlay.blocks() * SECTOR_BYTES > image.sizeBytes;
  const padding = hasTail ? PADDING_BLOCKS : 0;
  if (hasTail) await stretch(layout, overlay.blocks() + padding);
  await verify(layout, report, files);
  const { ownBytes, ...view } = overlay.finish(padding);
  return { view, ownBytes };
}

function wantsMediaCheck(name: string): Error {
  return refusal(
    "iso-media-check",
    `${name} would have a checksum over the whole medium checked, which a patched one cannot pass`,
    "Leave it out; Trayload checks the image itself before it patches it.",
  );
}

function isSigned(path: string): Error {
  return refusal(
    "iso-signed-kernel",
    `${path} on the ISO image is a kernel with its command line inside, sealed by a signature`,
    "Give the configuration on a second medium, or an image that boots through a menu.",
  );
}

function hasNoMenu(): Error {
  return refusal(
    "iso-no-boot-menu",
    "The ISO image has no boot menu of GRUB, isolinux, systemd-boot or ESXi that starts a kernel, so arguments have no place",
    "Leave out kernelArgs and installer data, or boot a kernel and a ramdisk instead.",
  );
}
