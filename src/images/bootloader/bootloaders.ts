import { ImageError } from "../errors.ts";
import type { StoredImage } from "../image.ts";
import type { LocalImageStore } from "../store.ts";
import { checkEsp, makeEsp } from "./esp.ts";
import {
  type BootloaderSettings,
  findBootloader,
  findPc,
  type FoundBootloader,
  type FoundPc,
} from "./find.ts";
import { makePcImage, readDiskCode, sumOf } from "./pc.ts";
import { type Architecture, SPELLINGS } from "./places.ts";
import { versionOf } from "./version.ts";

/** What a disc is started by, as blobs that all discs share. */
export interface Bootloader {
  arch: Architecture;
  /** A FAT image with what UEFI starts. Ours goes on with the disc's own configuration wherever it is shown. */
  efi: { image: StoredImage; isOurs: boolean };
  /** GRUB for BIOS, or why there is none. */
  bios: BiosBootloader | ImageError;
}

export interface BiosBootloader {
  image: StoredImage;
  /** Of the image's words, for its boot information table. */
  sum: number;
  /** By which a BIOS boots the disc as a disk. */
  diskCode: Uint8Array | null;
}

/** The boot loaders of this machine. */
export interface Bootloaders {
  /** Looks whether there is one. @throws ImageError `bootloader-not-found` */
  find(arch: Architecture): Promise<FoundBootloader>;
  /**
   * Puts the boot loader of an architecture into the store, once for all discs, and holds it.
   *
   * @param esp the boot image that a request brought along, instead of the operator's
   * @throws ImageError `bootloader-not-found`, `image-not-bootable` (the boot image has nothing for UEFI), `image-store-full`
   */
  prepare(arch: Architecture, holder: string, esp?: StoredImage): Promise<Bootloader>;
  /**
   * Makes the blob of a digest again, for a process that serves a disc which another one composed.
   *
   * @returns whether this machine's boot loaders are the same as those of that process, so that the blob is here now
   */
  restore(digest: string, holder: string): Promise<boolean>;
}

export interface BootloadersDependencies {
  store: Pick<LocalImageStore, "add" | "hold">;
  settings: BootloaderSettings;
  /** Where the system's own files are; `/` unless told. */
  root?: string;
}

export function createBootloaders({ store, settings, root }: BootloadersDependencies): Bootloaders {
  /** What was made in this process, by the versions of the files that it was made of. */
  const made = new Map<string, { digest: string; sum: number }>();

  async function keep(paths: readonly string[], holder: string, make: () => Promise<Buffer>) {
    const version = await versionOf(paths);
    const known = made.get(version);
    const here = known === undefined ? undefined : await store.hold(known.digest, holder);
    if (known !== undefined && here !== undefined) return { image: here, sum: known.sum };
    const bytes = await make();
    const image = await store.add(bytes, holder);
    const sum = sumOf(bytes);
    made.set(version, { digest: image.digest, sum });
    return { image, sum };
  }

  async function ownEfi(arch: Architecture, holder: string): Promise<Bootloader["efi"]> {
    const { efi } = await findBootloader(arch, settings, root);
    const paths =
      efi.kind === "esp" ? [efi.path] : [efi.shim, efi.grub, ...(efi.mokManager ? [efi.mokManager] : [])];
    const { image } = await keep(paths, holder, () => makeEsp(arch, efi));
    return { image, isOurs: efi.kind === "files" };
  }

  async function ownBios(arch: Architecture, holder: string): Promise<Bootloader["bios"]> {
    const found = await findPc(arch, settings, root);
    return found instanceof ImageError ? found : orWhyNot(makeBios(found, holder));
  }

  async function makeBios(found: FoundPc, holder: string): Promise<BiosBootloader> {
    const paths = [`${found.folder}/kernel.img`, found.mkimage];
    const kept = await keep(paths, holder, () => makePcImage(found));
    return { ...kept, diskCode: await readDiskCode(found.folder) };
  }

  return {
    find: (arch) => findBootloader(arch, settings, root),
    async prepare(arch, holder, esp) {
      if (esp === undefined)
        return { arch, efi: await ownEfi(arch, holder), bios: await ownBios(arch, holder) };
      await checkEsp(esp.path, arch);
      const image = (await store.hold(esp.digest, holder)) ?? esp;
      // The operator's files still serve BIOS, of which a boot image for UEFI knows nothing.
      return { arch, efi: { image, isOurs: false }, bios: await ownBios(arch, holder) };
    },
    async restore(digest, holder) {
      for (const arch of Object.keys(SPELLINGS) as Architecture[]) {
        const efi = await orWhyNot(ownEfi(arch, holder));
        const bios = await ownBios(arch, holder);
        for (const one of [efi, bios])
          if (!(one instanceof ImageError) && one.image.digest === digest) return true;
      }
      return false;
    },
  };
}

/** A boot loader that is not here is no defect where another way of booting may serve. */
async function orWhyNot<T>(work: Promise<T>): Promise<T | ImageError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ImageError && error.code === "bootloader-not-found") return error;
    throw error;
  }
}
