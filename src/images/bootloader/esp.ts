import { open, readFile } from "node:fs/promises";
import { bytesOfContent, contentOfBytes } from "../content.ts";
import { ImageError } from "../errors.ts";
import { hasFatFile } from "../fat/files.ts";
import { writeFat } from "../fat/write.ts";
import { readerOf } from "../inspect/read-at.ts";
import type { FoundBootloader } from "./find.ts";
import { STUB_CONFIG } from "./grub-config.ts";
import { type Architecture, SPELLINGS } from "./places.ts";

/** A boot image holds a few programs; a larger file was named by mistake, and is not read into memory. */
const ESP_BYTES = 256 * 1024 * 1024;

/**
 * The FAT image that UEFI boots from: the operator's own, or one of shim and GRUB. The same files give the same bytes.
 *
 * @throws ImageError `image-not-bootable` for an image without what UEFI starts
 */
export async function makeEsp(arch: Architecture, efi: FoundBootloader["efi"]): Promise<Buffer> {
  if (efi.kind === "esp") {
    await checkEsp(efi.path, arch);
    return readFile(efi.path);
  }
  const { removable, grub, mokManager } = SPELLINGS[arch];
  const file = async (name: string, path: string) => ({
    path: `/EFI/BOOT/${name}`,
    content: contentOfBytes(await readFile(path)),
  });
  const files = [await file(removable, efi.shim), await file(grub, efi.grub)];
  if (efi.mokManager !== null) files.push(await file(mokManager, efi.mokManager));
  files.push({ path: "/EFI/BOOT/grub.cfg", content: contentOfBytes(Buffer.from(STUB_CONFIG)) });
  return bytesOfContent(writeFat("TRAYLOAD", files));
}

/** @throws ImageError `image-not-bootable` */
export async function checkEsp(path: string, arch: Architecture): Promise<void> {
  const wanted = `/EFI/BOOT/${SPELLINGS[arch].removable}`;
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw notBootable(`${path} cannot be opened`, cause);
  });
  try {
    const { size } = await handle.stat();
    if (size > ESP_BYTES)
      throw notBootable(`The boot image has ${size} bytes, and at most ${ESP_BYTES} are taken`);
    if (!(await hasFatFile(readerOf(handle, size), wanted)))
      throw notBootable(`The boot image is not a FAT file system with ${wanted}, which UEFI starts`);
  } finally {
    await handle.close();
  }
}

function notBootable(message: string, cause?: unknown): ImageError {
  return new ImageError(message, {
    code: "image-not-bootable",
    retryable: false,
    hint: "Give the image of an EFI system partition itself, without a partition table around it.",
    ...(cause === undefined ? {} : { cause }),
  });
}
