import { SECTOR_BYTES } from "../el-torito.ts";
import type { Layout } from "./layout.ts";

/** Where firmware and systemd-boot look for a kernel that brings its own command line. */
const FOLDERS = ["/EFI/BOOT", "/EFI/Linux"];
const HEADERS_READ = 4096;
const FILES_READ = 32;

/** The path of a unified kernel image that the medium would start; undefined where there is none. */
export async function findUnifiedKernel({ overlay, trees, fats }: Layout): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    for (const fat of fats)
      for (const file of (await fat.list(folder)).filter(isProgram).slice(0, FILES_READ))
        if (isUnified(await fat.content(file, HEADERS_READ))) return `${folder}/${file.name}`;
    for (const found of (await trees[0]!.list(folder)).filter((item) => isProgram(item)).slice(0, FILES_READ))
      if (isUnified(await overlay.read(found.block * SECTOR_BYTES, HEADERS_READ))) return found.path;
  }
  return undefined;
}

function isProgram(file: { isDirectory: boolean; name?: string; path?: string }): boolean {
  return !file.isDirectory && /\.efi$/i.test(file.name ?? file.path ?? "");
}

/** A PE program with a section `.linux` beside the stub (UAPI group, "Unified Kernel Image"). */
function isUnified(start: Buffer): boolean {
  if (start.length < 64 || start.toString("latin1", 0, 2) !== "MZ") return false;
  const at = start.readUInt32LE(0x3c);
  if (at + 24 > start.length || start.toString("latin1", at, at + 4) !== "PE\0\0") return false;
  const sections = start.readUInt16LE(at + 6);
  const first = at + 24 + start.readUInt16LE(at + 20);
  for (let index = 0; index < sections && first + 40 * index + 8 <= start.length; index += 1) {
    const name = start.toString("latin1", first + 40 * index, first + 40 * index + 8);
    if (name.replaceAll("\0", "") === ".linux") return true;
  }
  return false;
}
