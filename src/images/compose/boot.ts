import type { Bootloader } from "../bootloader/bootloaders.ts";
import { ImageError } from "../errors.ts";
import { placeDiskCode, placePcImage } from "../bootloader/pc.ts";
import { contentOfImage } from "../content.ts";
import { SECTOR_BYTES } from "../el-torito.ts";
import type { IsoFile } from "../iso/tree.ts";
import type { IsoPlan } from "../iso/write.ts";

const EFI_PATH = "/boot/efi.img";
const BIOS_PATH = "/boot/bios.img";
export const BOOT_PATHS: readonly string[] = [EFI_PATH, BIOS_PATH];

/** What of a disc boots: its files, and how firmware finds them. */
export interface BootPlan extends Pick<IsoPlan, "boot" | "settle" | "systemArea"> {
  files: IsoFile[];
}

/** A BIOS loads one block of GRUB's image, which then loads the rest; its entry is the default one, as a BIOS takes no other. */
export function planBoot(bootloader: Bootloader): BootPlan {
  const { efi } = bootloader;
  const bios = bootloader.bios instanceof ImageError ? null : bootloader.bios;
  const efiFile = { path: EFI_PATH, content: contentOfImage(efi.image) };
  const efiEntry = { platform: "efi", path: EFI_PATH, loadedBytes: efi.image.sizeBytes } as const;
  const systemArea: BootPlan["systemArea"] = (sectorOfPath) =>
    partitionTable({
      code: bios?.diskCode ? placeDiskCode(bios.diskCode, sectorOfPath(BIOS_PATH)) : null,
      // Firmware that boots the partition has GRUB read what is in it, and only our image says to go on with the disc's.
      efi: efi.isOurs ? { sector: sectorOfPath(EFI_PATH), sizeBytes: efi.image.sizeBytes } : null,
    });
  if (bios === null) return { files: [efiFile], boot: [efiEntry], systemArea };
  const biosFile = { path: BIOS_PATH, content: contentOfImage(bios.image) };
  return {
    files: [biosFile, efiFile],
    boot: [{ platform: "bios", path: BIOS_PATH, loadedBytes: SECTOR_BYTES }, efiEntry],
    systemArea,
    settle: (content, sector) =>
      content === biosFile.content ? placePcImage(content, bios.sum, sector) : content,
  };
}

/** Blocks of disks in one of a CD. */
const DISK_SECTORS = 4;
const DISK_SECTOR_BYTES = 512;
const FIRST_ENTRY = 446;
const EFI_SYSTEM_PARTITION = 0xef;
/** Some BIOSes boot no disk without an active partition; UEFI does not look at the mark (UEFI 2.10, table 5.4). */
const ACTIVE = 0x80;
/** Stands for a place that cylinders, heads and sectors cannot say. */
const NO_CHS = Buffer.from([0xfe, 0xff, 0xff]);

/** The first sector of a disc that a BMC shows as a disk: code for a BIOS, and the boot image as UEFI's partition. */
function partitionTable(facts: {
  code: Buffer | null;
  efi: { sector: number; sizeBytes: number } | null;
}): Buffer {
  const sector = Buffer.alloc(DISK_SECTOR_BYTES);
  if (facts.code === null && facts.efi === null) return sector;
  facts.code?.copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  if (facts.efi === null) return sector;
  sector.writeUInt8(facts.code === null ? 0 : ACTIVE, FIRST_ENTRY);
  NO_CHS.copy(sector, FIRST_ENTRY + 1);
  sector.writeUInt8(EFI_SYSTEM_PARTITION, FIRST_ENTRY + 4);
  NO_CHS.copy(sector, FIRST_ENTRY + 5);
  sector.writeUInt32LE(facts.efi.sector * DISK_SECTORS, FIRST_ENTRY + 8);
  sector.writeUInt32LE(Math.ceil(facts.efi.sizeBytes / DISK_SECTOR_BYTES), FIRST_ENTRY + 12);
  return sector;
}
