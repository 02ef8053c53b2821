import { SECTOR_BYTES } from "../el-torito.ts";
import type { Tree } from "../iso9660/tree.ts";
import type { BootText } from "./find-menus.ts";
import type { Layout } from "./layout.ts";

/** Installers by how they are told what to do; `other` boots with arguments and files, and reads no configuration. */
export type InstallerFamily =
  | "debian"
  | "ubuntu"
  | "red-hat"
  | "autoyast"
  | "agama"
  | "coreos"
  | "esxi"
  | "other";

/** Finds out by what is on the image, never by its name or label alone, which installer it is. */
export async function detectFamily(layout: Layout, texts: readonly BootText[]): Promise<InstallerFamily> {
  const tree = layout.trees[0]!;
  const has = async (path: string): Promise<boolean> => (await tree.find(path)) !== undefined;
  const hasAny = async (...paths: string[]): Promise<boolean> => {
    for (const path of paths) if (await has(path)) return true;
    return false;
  };
  if (await isCoreOs(layout, has)) return "coreos";
  if (texts.some(({ path, text }) => /(^|\/)boot\.cfg$/i.test(path) && /^kernelopt[ \t]*=/m.test(text)))
    return "esxi";
  // Agama's images are live images too, so they are asked for before the Red Hat ones.
  if (texts.some(({ text }) => /\b(agama|inst\.auto)\b/i.test(text))) return "agama";
  if ((await hasAny("/media.1", "/control.xml")) && (await has("/boot"))) return "autoyast";
  const info = await readInfo(layout, tree);
  if (await hasAny("/casper")) return "ubuntu";
  if (/^debian/i.test(info) && (await hasAny("/install.amd", "/install.a64", "/install.386", "/install")))
    return "debian";
  if (await hasAny("/.discinfo", "/.treeinfo", "/images/install.img", "/images/pxeboot")) return "red-hat";
  return "other";
}

async function isCoreOs({ overlay }: Layout, has: (path: string) => Promise<boolean>): Promise<boolean> {
  if ((await has("/coreos/igninfo.json")) || (await has("/coreos/kargs.json"))) return true;
  if ((await has("/COREOS/IGNINFO.JSO")) || (await has("/COREOS/KARGS.JSO"))) return true;
  const header = await overlay.read(15 * SECTOR_BYTES, SECTOR_BYTES);
  return header.includes("coreiso+") || header.includes("coreKarg");
}

/** What Debian's kin say of themselves: `Debian GNU/Linux 12.5.0 "Bookworm" - Official amd64 NETINST …`. */
async function readInfo({ overlay }: Layout, tree: Tree): Promise<string> {
  const found = await tree.find("/.disk/info");
  if (found === undefined || found.isDirectory) return "";
  return (await overlay.read(found.block * SECTOR_BYTES, Math.min(found.sizeBytes, 256))).toString("latin1");
}
