import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFat } from "../images/patch/fixture.ts";
import { makeOnce } from "../media/cache.ts";
import { getPackages, SIGNED_BOOTLOADER } from "../media/packages.ts";
import { makePayloadParts } from "../media/payload-iso.ts";
import { runTool } from "../media/tools.ts";

/** A bootable image in the layout of one family: what starts it, and its boot loaders' texts. */
export interface FamilyIso {
  name: string;
  /** Paths to texts on the ISO; `KERNEL` and `INITRD` in them stand for where the family keeps those. */
  texts: Record<string, string>;
  /** The same for the FAT boot image; undefined: the ISO has no entry for UEFI. */
  fatTexts: Record<string, string>;
  kernel: string;
  initrd: string;
  /** Directory of isolinux; undefined: GRUB starts by BIOS too, or nothing does. */
  isolinux?: string;
  /** Directory of GRUB for BIOS. */
  grub?: string;
  /** What UEFI starts from the FAT: shim and GRUB unless told. */
  loader?: "systemd-boot";
  /** The FAT is a GPT partition behind the ISO. */
  isAppended?: boolean;
  options?: readonly string[];
}

/** What every entry says to the kernel by itself, so that the guest speaks. */
export const BASE_ARGS =
  "console=ttyS0,115200n8 quiet random.trust_cpu=on trayload.marker=FAMILY trayload.action=stay";

const ISOLINUX: readonly string[] = ["isolinux", "syslinux-common"];
const SYSTEMD_BOOT: readonly string[] = ["systemd-boot-efi"];
const PC_MODULES =
  "biosdisk iso9660 part_msdos part_gpt linux normal search search_fs_file configfile test echo";
const ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";

/** Gives the path of a family's image. Packages are downloaded with apt the first time, and not installed. */
export async function makeFamilyIso(family: FamilyIso): Promise<string> {
  const parts = await makePayloadParts();
  const loader = family.loader === undefined ? SIGNED_BOOTLOADER : SYSTEMD_BOOT;
  const packages = await getPackages(family.loader ?? "bootloader", loader);
  const isolinux = family.isolinux === undefined ? "" : await getPackages("isolinux", ISOLINUX);
  return makeOnce(`${family.name}.iso`, [family, parts, packages, isolinux, 1], async (path) => {
    const files = join(dirname(path), "files");
    const put = (from: string, to: string): void => {
      mkdirSync(dirname(join(files, to)), { recursive: true });
      copyFileSync(from, join(files, to));
    };
    put(parts.kernel, family.kernel);
    put(parts.initramfs, family.initrd);
    writeTexts(files, family);
    const image = join(family.isAppended === true ? dirname(path) : files, "efiboot.img");
    await makeBootFat(image, family, { packages, ...parts });
    const bios = await addBios(files, family, { isolinux, put, workshop: dirname(path) });
    const named = ["-as", "mkisofs", "-quiet", "-V", family.name.toUpperCase(), "-R", "-J"];
    const efi = efiEntry(image, family, bios.length > 0);
    await runTool("xorriso", [...named, ...(family.options ?? []), ...bios, ...efi, "-o", path, files]);
  });
}

function writeTexts(files: string, { texts, kernel, initrd }: FamilyIso): void {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(files, path)), { recursive: true });
    writeFileSync(join(files, path), fill(text, kernel, initrd));
  }
}

const fill = (text: string, kernel: string, initrd: string): string =>
  text.replaceAll("KERNEL", kernel).replaceAll("INITRD", initrd).replaceAll("ARGS", BASE_ARGS);

async function makeBootFat(
  image: string,
  { loader, fatTexts, kernel, initrd }: FamilyIso,
  from: { packages: string; kernel: string; initramfs: string },
): Promise<void> {
  const texts = Object.entries(fatTexts).map(([path, text]) => [path, fill(text, kernel, initrd)] as const);
  const signed = "usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed";
  const programs =
    loader === "systemd-boot"
      ? {
          "EFI/BOOT/BOOTX64.EFI": readFileSync(
            join(from.packages, "usr/lib/systemd/boot/efi/systemd-bootx64.efi"),
          ),
          [kernel.slice(1)]: readFileSync(from.kernel),
          [initrd.slice(1)]: readFileSync(from.initramfs),
        }
      : {
          "EFI/BOOT/BOOTX64.EFI": readFileSync(join(from.packages, "usr/lib/shim/shimx64.efi.signed")),
          "EFI/BOOT/grubx64.efi": readFileSync(join(from.packages, signed)),
        };
  const sizeKiB = loader === "systemd-boot" ? 32 * 1024 : 8 * 1024;
  await makeFat(image, { ...programs, ...Object.fromEntries(texts) }, sizeKiB);
}

async function addBios(
  files: string,
  family: FamilyIso,
  from: { isolinux: string; workshop: string; put: (from: string, to: string) => void },
): Promise<string[]> {
  const loading = ["-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"];
  const entry = (image: string): string[] => ["-b", image, ...loading];
  if (family.isolinux !== undefined) {
    const at = family.isolinux;
    from.put(join(from.isolinux, "usr/lib/ISOLINUX/isolinux.bin"), `${at}/isolinux.bin`);
    from.put(join(from.isolinux, "usr/lib/syslinux/modules/bios/ldlinux.c32"), `${at}/ldlinux.c32`);
    const hybrid = join(from.isolinux, "usr/lib/ISOLINUX/isohdpfx.bin");
    return [...entry(`${at}/isolinux.bin`), "-isohybrid-mbr", hybrid];
  }
  if (family.grub === undefined) return [];
  const core = join(files, family.grub, "eltorito.img");
  const target = ["-O", "i386-pc-eltorito", "-p", `/${family.grub}`, "-o", core];
  await runTool("grub-mkimage", [...target, ...PC_MODULES.split(" ")]);
  const hybrid = ["--grub2-mbr", "/usr/lib/grub/i386-pc/boot_hybrid.img"];
  return [...entry(`${family.grub}/eltorito.img`), "--grub2-boot-info", ...hybrid];
}

function efiEntry(image: string, { isAppended }: FamilyIso, hasBios: boolean): string[] {
  const another = hasBios ? ["-eltorito-alt-boot"] : [];
  if (isAppended !== true) return [...another, "-e", "efiboot.img", "-no-emul-boot"];
  const appended = ["-append_partition", "2", ESP, image, "-appended_part_as_gpt"];
  return [...appended, ...another, "-e", "--interval:appended_partition_2:all::", "-no-emul-boot"];
}
