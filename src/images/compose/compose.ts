import type { Bootloader } from "../bootloader/bootloaders.ts";
import { CONFIG_PATHS, DEBIAN_MARK_PATH, MARK_PATH, nodeConfig } from "../bootloader/grub-config.ts";
import { type Content, contentOfBytes, contentOfImage } from "../content.ts";
import { writeCpio } from "../cpio/write.ts";
import { type Disc, tagOf } from "../disc.ts";
import { ImageError } from "../errors.ts";
import type { IsoFile } from "../iso/tree.ts";
import { writeIso } from "../iso/write.ts";
import { type KernelArg, KERNEL_ARGS_MAX, parseKernelArgs, writePlainArg } from "../kernel-args.ts";
import type { StoredImage } from "../image.ts";
import { BOOT_PATHS, planBoot } from "./boot.ts";
import { type NodeFile, placeFiles } from "./files.ts";
import { chooseLabel } from "./label.ts";

/** What a node's own disc is made of. */
export interface ComposeInput {
  kernel: StoredImage;
  ramdisk: StoredImage;
  bootloader: Bootloader;
  /** As a person writes them; see `parseKernelArgs`. */
  kernelArgs: string;
  /** Stand behind them, for what reads the files. */
  moreArgs?: readonly KernelArg[];
  /** On the disc. */
  files?: readonly NodeFile[];
  /** In an archive that the kernel unpacks over the ramdisk, before anything of it runs. */
  ramdiskFiles?: readonly NodeFile[];
  /** Volume label; chosen by what reads the files unless given. */
  label?: string | undefined;
  /** How the machine boots, where that is known. */
  bootMode?: "uefi" | "bios" | null;
}

/** A disc as it will be served, without the id of its deployment. */
export interface ComposedDisc extends Omit<Disc, "id"> {
  label: string;
}

const KERNEL_PATH = "/boot/vmlinuz";
const RAMDISK_PATH = "/boot/ramdisk";
const ARCHIVE_PATH = "/boot/node.cpio";
const TAKEN = new Set(
  [KERNEL_PATH, RAMDISK_PATH, ARCHIVE_PATH, ...BOOT_PATHS, ...CONFIG_PATHS, MARK_PATH, DEBIAN_MARK_PATH].map(
    (path) => path.toLowerCase(),
  ),
);

/**
 * Makes a node's disc of stored images: an ISO image that boots by UEFI (with Secure Boot, where the boot loader and the kernel
 * are signed) and, where GRUB's parts for it are there, by BIOS, as a CD and as a USB disk. No byte of an image is read or
 * copied, so its size does not matter. Equal input gives equal bytes and an equal tag.
 *
 * @throws ImageError `kernel-args-invalid`, `files-invalid`, `disc-label-invalid`, or `bootloader-not-found` when the machine
 * boots by BIOS and nothing for it is installed
 */
export function composeDisc(input: ComposeInput): ComposedDisc {
  const { bios } = input.bootloader;
  if (input.bootMode === "bios" && bios instanceof ImageError) throw bios;
  const files = placeFiles(input.files ?? [], TAKEN);
  const archived = placeFiles(input.ramdiskFiles ?? []);
  const archive = archived.length === 0 ? [] : [{ path: ARCHIVE_PATH, content: writeCpio(archived) }];
  const label = chooseLabel(
    input.label,
    files.map(({ path }) => path),
  );
  const ramdisks = [RAMDISK_PATH, ...archive.map(({ path }) => path)];
  const { files: bootFiles, ...boot } = planBoot(input.bootloader);
  const images = [
    { path: KERNEL_PATH, content: contentOfImage(input.kernel) },
    { path: RAMDISK_PATH, content: contentOfImage(input.ramdisk) },
  ];
  const iso = writeIso({
    label,
    files: [
      ...configFiles([...parseKernelArgs(input.kernelArgs), ...(input.moreArgs ?? [])], ramdisks),
      ...files,
      ...archive,
      ...bootFiles,
      ...images,
    ],
    ...boot,
  });
  return { ...iso, label, etag: tagOf(iso) };
}

/** What GRUB looks for. Its configuration lies on the disc once, by several names. */
function configFiles(args: readonly KernelArg[], ramdisks: readonly string[]): IsoFile[] {
  const line = [`BOOT_IMAGE=${KERNEL_PATH}`, ...args.map(writePlainArg)].join(" ");
  if (line.length > KERNEL_ARGS_MAX) throw tooLong(line.length);
  const text = (words: string): Content => contentOfBytes(Buffer.from(words));
  const config = text(nodeConfig({ kernel: KERNEL_PATH, ramdisks, kernelArgs: args }));
  return [
    { path: MARK_PATH, content: text("A disc of Trayload.\n") },
    { path: DEBIAN_MARK_PATH, content: text("Trayload\n") },
    ...CONFIG_PATHS.map((path) => ({ path, content: config })),
  ];
}

function tooLong(characters: number): ImageError {
  return new ImageError(
    `The kernel line has ${characters} characters with what GRUB puts before the arguments`,
    {
      code: "kernel-args-invalid",
      retryable: false,
      hint: `Linux reads ${KERNEL_ARGS_MAX}. Put what is long into a file of the disc.`,
    },
  );
}
