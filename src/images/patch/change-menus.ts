import { SECTOR_BYTES } from "../el-torito.ts";
import { rewriteFatFile } from "../fat/rewrite.ts";
import type { KernelArgsChange } from "../kernel-args.ts";
import { type BootText, kindOf } from "./find-menus.ts";
import type { Layout } from "./layout.ts";
import { setLoaderTimeout } from "./menus/loader-entry.ts";
import type { MenuChange } from "./menus/menu.ts";

/** A boot menu that was changed. */
export interface ChangedText {
  path: string;
  /** All paths under which the ISO names it. */
  names: string[];
  /** Which loader reads it, and whether inside the FAT boot image. */
  loader: string;
  isInFat: boolean;
  /** Kernel command lines in it. */
  entries: number;
  bytes: Buffer;
}

/** Arguments that have the medium checked before it boots, which a patched one cannot pass (dracut, anaconda). */
export const MEDIA_CHECKS = ["rd.live.check", "mediacheck", "inst.mediacheck"];

/** Takes the media checks out, whatever else is wanted: checkisomd5 would stop the boot of a patched image. */
export function withoutMediaCheck(args: KernelArgsChange): KernelArgsChange {
  const checks = MEDIA_CHECKS.map((name) => ({ name, value: null }));
  return { ...args, remove: [...args.remove, ...checks] };
}

/** Changes every boot menu, wherever it lies: which one is read depends on how the BMC shows the medium. */
export async function changeMenus(
  layout: Layout,
  texts: readonly BootText[],
  change: MenuChange,
): Promise<ChangedText[]> {
  const changed: ChangedText[] = [];
  for (const text of texts) {
    const next = changeText(text, change);
    if (next === undefined || next.text === text.text) continue;
    // Shorter content keeps its length by empty lines, so that nothing but itself has to change.
    const bytes = Buffer.from(next.text.padEnd(text.text.length, "\n"), "latin1");
    await write(layout, text, bytes);
    const { path, at } = text;
    const isInFat = "fat" in at;
    const names = isInFat ? [path] : Array.from(new Set(at.names.map((name) => name.path)));
    changed.push({ path, names, loader: next.loader, isInFat, entries: next.entries, bytes });
  }
  return changed;
}

function changeText(
  text: BootText,
  change: MenuChange,
): { text: string; entries: number; loader: string } | undefined {
  const kind = kindOf(text);
  if (kind !== undefined) return { ...kind.change(text.text, change), loader: kind.name };
  if (/(^|\/)loader\/loader\.conf$/i.test(text.path) && change.timeoutS !== null)
    return { text: setLoaderTimeout(text.text, change.timeoutS), entries: 0, loader: "systemd-boot" };
  return undefined;
}

async function write({ overlay }: Layout, { text, at }: BootText, bytes: Buffer): Promise<void> {
  if ("fat" in at) return rewriteFatFile(overlay, at.fat, at.file, bytes);
  if (bytes.length === text.length) return overlay.write(at.block * SECTOR_BYTES, bytes);
  const block = overlay.append(bytes);
  for (const { tree, path } of at.names) await tree.put(path, block, bytes.length);
}
