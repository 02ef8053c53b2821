import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import {
  type Disc,
  inspectIso,
  type PatchChanges,
  type PatchedDisc,
  patchIso,
  readKernelArgsChange,
  type StoredImage,
} from "../../../src/images/index.ts";
import { makeOnce } from "../../media/cache.ts";
import { findTool, runTool } from "../../media/tools.ts";

/** What goes onto a made image: paths to contents. */
export type Tree = Record<string, string | Buffer>;

/** How an image is made: arguments of xorriso's mkisofs, and what lies in its FAT boot image. */
export interface Recipe {
  name: string;
  files: Tree;
  /** Files of the FAT boot image; none: the image has only a BIOS entry. */
  fat?: Tree;
  /** KiB of the FAT boot image. */
  fatKiB?: number;
  /** `file`: the FAT is a file, as in RHEL 9; `partition`: behind the ISO and in a GPT, as in Fedora. */
  fatAs?: "file" | "partition";
  /** Files that are stretched with zeros to so many bytes. */
  sparse?: Record<string, number>;
  /** More arguments for xorriso. */
  options?: readonly string[];
  label?: string;
}

/** Skips a suite where the makers of ISO images are missing, and says what would let it run. */
export function needIsoMakers(context: Mocha.Context): void {
  const missing = ["xorriso", "mformat"].filter((tool) => !has(tool));
  if (missing.length === 0) return;
  const remedy = "apt-get install --no-install-recommends xorriso mtools";
  if (process.env["CI"] === "true") throw new Error(`ISO images cannot be made: ${remedy}`);
  console.warn(`    skipped, as ISO images cannot be made here: ${remedy}`);
  context.skip();
}

/** Whether a tool is on PATH. */
export function has(tool: string): boolean {
  try {
    findTool(tool);
    return true;
  } catch {
    return false;
  }
}

/** The path of an image made by a recipe, made anew only where the recipe changed. */
export function makeIso(recipe: Recipe): Promise<string> {
  return makeOnce(`${recipe.name}.iso`, [recipe, 1], (path) => buildIso(recipe, path));
}

/** Makes an image by a recipe; its files are laid beside it. */
export async function buildIso(recipe: Recipe, path: string): Promise<void> {
  const folder = join(dirname(path), "files");
  writeTree(folder, recipe.files);
  for (const [file, bytes] of Object.entries(recipe.sparse ?? {})) truncateSync(join(folder, file), bytes);
  const catalogue = ["-b", "boot.img", "-no-emul-boot", "-boot-load-size", "4", "-c", "boot.cat"];
  const bios = "/boot.img" in recipe.files || "boot.img" in recipe.files ? catalogue : [];
  const efi = recipe.fat === undefined ? [] : await addFat(folder, path, recipe, bios.length > 0);
  await runTool("xorriso", [
    "-as",
    "mkisofs",
    "-quiet",
    "-V",
    recipe.label ?? recipe.name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_"),
    ...(recipe.options ?? ["-R", "-J"]),
    ...bios,
    ...efi,
    "-o",
    path,
    folder,
  ]);
}

/** A BIOS boot image that does nothing: the entry is there, and nobody starts it. */
export const NO_BIOS_CODE: Buffer = Buffer.alloc(2048, 0x90);

export function writeTree(folder: string, tree: Tree): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(tree)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, content);
  }
}

async function addFat(folder: string, path: string, recipe: Recipe, hasBios: boolean): Promise<string[]> {
  const image = join(recipe.fatAs === "partition" ? dirname(path) : folder, "efiboot.img");
  await makeFat(image, recipe.fat!, recipe.fatKiB ?? 1440);
  const another = hasBios ? ["-eltorito-alt-boot"] : [];
  if (recipe.fatAs !== "partition") return [...another, "-e", "efiboot.img", "-no-emul-boot"];
  const esp = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
  const appended = ["-append_partition", "2", esp, image, "-appended_part_as_gpt"];
  return [...appended, ...another, "-e", "--interval:appended_partition_2:all::", "-no-emul-boot"];
}

/** Makes a FAT image with these files, at a path. */
export async function makeFat(image: string, tree: Tree, kib: number): Promise<void> {
  writeFileSync(image, Buffer.alloc(kib * 1024));
  await runTool("mformat", ["-i", image, "-N", "12345678", "::"]);
  const loose = `${image}.files`;
  writeTree(loose, tree);
  const made = new Set<string>();
  for (const path of Object.keys(tree)) {
    const names = dirname(path)
      .split("/")
      .filter((name) => name !== "" && name !== ".");
    for (const [index] of names.entries()) {
      const folder = names.slice(0, index + 1).join("/");
      if (made.has(folder)) continue;
      made.add(folder);
      await runTool("mmd", ["-i", image, `::/${folder}`]);
    }
    await runTool("mcopy", ["-i", image, join(loose, path), `::/${path}`]);
  }
  await rm(loose, { recursive: true });
}

/** A stored image of a file. */
export function storedAt(path: string): StoredImage {
  const bytes = readFileSync(path);
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { digest, sizeBytes: bytes.length, path };
}

/** What tests say: kernel arguments as a request has them. */
export type Wanted = Omit<PatchChanges, "kernelArgs"> & {
  kernelArgs?: Parameters<typeof readKernelArgsChange>[0];
};

/** Patches the image at a path. */
export async function patch(path: string, { kernelArgs, ...changes }: Wanted): Promise<PatchedDisc> {
  const args = kernelArgs === undefined ? undefined : readKernelArgsChange(kernelArgs);
  return patchIso(storedAt(path), await inspectIso(path), { ...changes, kernelArgs: args }, "disc_test");
}

/** All bytes of a disc over one image, and over blobs that a test has in memory. */
export function bytesOf(disc: Disc, image: Buffer, blobs: Record<string, Buffer> = {}): Buffer {
  const parts = disc.extents.map((extent) => {
    if (extent.kind === "zeros") return Buffer.alloc(extent.length);
    if (extent.kind === "bytes") return Buffer.from(extent.base64, "base64");
    return (blobs[extent.digest] ?? image).subarray(extent.offset, extent.offset + extent.length);
  });
  return Buffer.concat(parts);
}

/** A patched disc as a file, whose folder goes when the test has ended. */
export interface Written {
  path: string;
  folder: string;
  /** Every file as xorriso reads it, by Rock Ridge names where there are any. */
  extractAll(): Promise<Record<string, Buffer>>;
}

const folders: string[] = [];

/** A folder that goes when the test has ended. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "trayload-patch-"));
  folders.push(folder);
  return folder;
}

export async function writeDisc(
  patched: PatchedDisc,
  isoPath: string,
  blobs: Record<string, Buffer> = {},
): Promise<Written> {
  const folder = await makeFolder();
  const path = join(folder, "disc.iso");
  writeFileSync(path, bytesOf(patched.disc, readFileSync(isoPath), blobs));
  return { path, folder, extractAll: () => extractAll(path, join(folder, "extracted")) };
}

/** Every file of an image, as xorriso reads it. */
export async function extractAll(path: string, out: string): Promise<Record<string, Buffer>> {
  await runTool("xorriso", [
    "-report_about",
    "FAILURE",
    "-osirrox",
    "on",
    "-indev",
    path,
    "-extract",
    "/",
    out,
  ]);
  await runTool("chmod", ["-R", "u+rwX", out]);
  return readAll(out);
}

/** Every file below a folder, by its path in it. */
export function readAll(folder: string): Record<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.map((file) => [relative(folder, file), readFileSync(file)]));
}

/** For an `afterEach` hook. */
export async function removeWritten(): Promise<void> {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
}
