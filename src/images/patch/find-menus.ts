import { SECTOR_BYTES } from "../el-torito.ts";
import type { FatFile, FatVolume } from "../fat/files.ts";
import { refusal } from "../iso9660/damage.ts";
import type { Found, Tree } from "../iso9660/tree.ts";
import type { Layout } from "./layout.ts";
import { ESXI } from "./menus/esxi.ts";
import { GRUB } from "./menus/grub.ts";
import { SYSTEMD_BOOT } from "./menus/loader-entry.ts";
import type { MenuKind } from "./menus/menu.ts";
import { SYSLINUX } from "./menus/syslinux.ts";

/** A file that firmware's or BIOS's boot loader reads, and where it lies: on the ISO, under one or more names, or in a FAT. */
export interface BootText {
  path: string;
  text: string;
  at:
    | { block: number; sizeBytes: number; names: { tree: Tree; path: string }[] }
    | { fat: FatVolume; file: FatFile };
}

const KINDS: readonly MenuKind[] = [ESXI, SYSTEMD_BOOT, SYSLINUX, GRUB];
/** Directories below which boot loaders of the families keep their texts. */
const FOLDERS =
  /^(boot|grub|grub2|efi|isolinux|syslinux|extlinux|loader|entries|menu|config|cfg|x86_64|i386|aarch64|arm64|x86_64-efi|i386-efi|arm64-efi|i386-pc|bios)$/i;
const DEPTH = 5;
const FOLDERS_READ = 128;
const TEXTS_READ = 400;
const TEXT_BYTES = 512 * 1024;

/** Every text of a boot loader on the image, in all trees and in the FAT boot images. */
export async function findBootTexts(layout: Layout): Promise<BootText[]> {
  const onIso = new Map<number, BootText & { at: { names: { tree: Tree; path: string }[] } }>();
  for (const tree of layout.trees)
    for (const found of await walk((path) => tree.list(path))) {
      const known = onIso.get(found.block);
      if (known !== undefined) known.at.names.push({ tree, path: found.path });
      else onIso.set(found.block, await readOnIso(layout, tree, found));
    }
  const inFats: BootText[] = [];
  for (const fat of layout.fats) inFats.push(...(await findInFat(fat)));
  return [...onIso.values(), ...inFats];
}

/** What kind of menu a text is; undefined where it starts no kernel. */
export function kindOf({ path, text }: BootText): MenuKind | undefined {
  return KINDS.find((kind) => kind.isOne(path, text));
}

interface Listed {
  path: string;
  isDirectory: boolean;
  sizeBytes: number;
}

/** Texts below the root and below the folders that boot loaders use, breadth first and not without end. */
async function walk<Item extends Listed>(list: (path: string) => Promise<Item[]>): Promise<Item[]> {
  const texts: Item[] = [];
  let folders = ["/"];
  let foldersRead = 0;
  for (let depth = 0; depth < DEPTH && folders.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of folders) {
      foldersRead += 1;
      if (foldersRead > FOLDERS_READ) return texts;
      for (const item of await list(folder)) {
        if (item.isDirectory) {
          if (FOLDERS.test(nameOf(item.path)) || /^efi$/i.test(nameOf(folder))) next.push(item.path);
        } else if (isText(item) && texts.length < TEXTS_READ) texts.push(item);
      }
    }
    folders = next;
  }
  return texts;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const isText = ({ path, sizeBytes }: Listed): boolean =>
  /\.(cfg|conf)$/i.test(path) && sizeBytes > 0 && sizeBytes <= TEXT_BYTES;

async function readOnIso(
  { overlay }: Layout,
  tree: Tree,
  found: Found,
): Promise<BootText & { at: { block: number; sizeBytes: number; names: { tree: Tree; path: string }[] } }> {
  const { path, block, sizeBytes, record } = found;
  if (record.isZisofs)
    throw refusal(
      "iso-unsupported",
      `${path} on the ISO image is stored compressed (zisofs), and cannot be patched`,
      "Make the image anew without zisofs.",
    );
  const bytes = await overlay.read(block * SECTOR_BYTES, sizeBytes);
  return { path, text: bytes.toString("latin1"), at: { block, sizeBytes, names: [{ tree, path }] } };
}

async function findInFat(fat: FatVolume): Promise<BootText[]> {
  const files = await walk(async (path) =>
    (await fat.list(path)).map((file) => ({
      ...file,
      path: `${path === "/" ? "" : path}/${file.name}`,
      file,
    })),
  );
  const texts: BootText[] = [];
  for (const { path, file } of files) {
    const text = (await fat.content(file)).toString("latin1");
    texts.push({ path, text, at: { fat, file } });
  }
  return texts;
}
