import { access, constants, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ImageError } from "../errors.ts";
import { type Architecture, howToInstall, PC_FOLDERS, SPELLINGS } from "./places.ts";

/** Where the operator keeps boot loaders: an ESP image, or a folder with shim and GRUB; by architecture. */
export type BootloaderSettings = { readonly [A in Architecture]?: string | undefined };

/** Files of this machine that start a system; all paths are absolute. */
export interface FoundBootloader {
  arch: Architecture;
  /** A whole boot image, or what one is made of. */
  efi:
    | { kind: "esp"; path: string }
    | { kind: "files"; shim: string; grub: string; mokManager: string | null };
  /** What makes a disc boot by BIOS, or why it cannot be made to. */
  bios: FoundPc | ImageError;
}

/** GRUB's parts for BIOS, and its program that puts them together. */
export interface FoundPc {
  folder: string;
  mkimage: string;
}

/** What GRUB's program for making images is called: upstream and Debian, and RHEL. */
const MKIMAGES = ["grub-mkimage", "grub2-mkimage"];

/**
 * Finds shim and GRUB, or the ESP image that the operator names. A folder may hold the files themselves or be the root of
 * unpacked packages.
 *
 * @param root where the system's own files are; `/` unless told
 * @throws ImageError `bootloader-not-found`, which says what to install
 */
export async function findBootloader(
  arch: Architecture,
  settings: BootloaderSettings,
  root = "/",
): Promise<FoundBootloader> {
  const named = settings[arch];
  const kind = named === undefined ? "folder" : await kindOf(named);
  if (kind === "nothing") throw notFound(arch, `${named} is not there`);
  const bios = await findPc(arch, settings, root);
  if (kind === "file") return { arch, efi: { kind: "esp", path: named! }, bios };
  const folder = named ?? root;
  const { shims, grubs, mokManagers } = SPELLINGS[arch];
  const [shim, grub, mokManager] = await Promise.all(
    [shims, grubs, mokManagers].map((names) => firstOf(folder, names)),
  );
  const missing = [...(shim ? [] : [shims[0]!]), ...(grub ? [] : [grubs[0]!])];
  if (missing.length > 0) throw notFound(arch, `there is no ${missing.join(" and no ")} below ${folder}`);
  return { arch, efi: { kind: "files", shim: shim!, grub: grub!, mokManager: mokManager ?? null }, bios };
}

async function kindOf(path: string): Promise<"file" | "folder" | "nothing"> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return "nothing";
  return found.isDirectory() ? "folder" : "file";
}

async function firstOf(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) return path;
  }
  return undefined;
}

/** Finds what makes a disc boot by BIOS, or says why it cannot be made to. */
export async function findPc(
  arch: Architecture,
  settings: BootloaderSettings,
  root = "/",
): Promise<FoundPc | ImageError> {
  if (arch !== "x86_64") return notFound(arch, "machines of this kind boot by UEFI only");
  const mkimage = await findProgram();
  if (mkimage === undefined)
    return notFound(arch, `there is no ${MKIMAGES.join(" and no ")}, which BIOS needs`);
  for (const start of [settings[arch], root].filter((path) => path !== undefined))
    for (const name of PC_FOLDERS) {
      const folder = join(start, name);
      const parts = await Promise.all(["cdboot.img", "kernel.img"].map((part) => firstOf(folder, [part])));
      if (parts.every((part) => part !== undefined)) return { folder, mkimage };
    }
  return notFound(arch, `GRUB's parts for BIOS are not below ${root}`);
}

async function findProgram(): Promise<string | undefined> {
  // Also where an ordinary user's PATH does not look.
  const folders = [...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean), "/usr/sbin", "/sbin"];
  for (const folder of folders)
    for (const name of MKIMAGES) {
      const path = join(folder, name);
      const canRun = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (canRun) return path;
    }
  return undefined;
}

function notFound(arch: Architecture, what: string): ImageError {
  return new ImageError(`No boot loader for ${arch}: ${what}`, {
    code: "bootloader-not-found",
    retryable: false,
    hint: howToInstall(arch, process.arch),
  });
}
