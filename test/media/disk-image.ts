import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { makeOnce } from "./cache.ts";
import { sealGptHeader } from "./disks.ts";
import { type Payload, makePayloadParts, payloadConfig } from "./payload-iso.ts";
import { runTool } from "./tools.ts";

const MODULES = "linux normal fat part_gpt search search_fs_file serial terminal echo boot gzio".split(" ");
const MIB = 2 ** 20;
const SECTOR_BYTES = 512;
/** The EFI system partition holds all: boot loader, kernel and initramfs. */
const ESP = { atBytes: MIB, sizeBytes: 40 * MIB };
const SIZE_BYTES = ESP.atBytes + ESP.sizeBytes + MIB;
const ESP_TYPE = "28732ac11ff8d211ba4b00a0c93ec93b";

/**
 * Gives the path of a raw disk image that boots by UEFI: a GPT with one partition, in which GRUB starts Debian's kernel with
 * the payload's system, which does what the kernel line says.
 */
export async function makeDiskImage(payload: Payload): Promise<string> {
  const config = `search --set=root --file /boot/vmlinuz\n${payloadConfig(payload)}`;
  const { kernel, initramfs } = await makePayloadParts();
  return makeOnce("disk.raw", [config, kernel, initramfs, MODULES], async (path) => {
    const workshop = dirname(path);
    const at = (name: string) => join(workshop, name);
    writeFileSync(at("grub.cfg"), config);
    const grub = ["-O", "x86_64-efi", "-p", "/boot/grub", "-c", at("grub.cfg"), "-o", at("BOOTX64.EFI")];
    await runTool("grub-mkimage", [...grub, ...MODULES]);
    mkdirSync(at("boot"));
    copyFileSync(kernel, at("boot/vmlinuz"));
    copyFileSync(initramfs, at("boot/initramfs"));
    writeFileSync(at("esp"), Buffer.alloc(ESP.sizeBytes));
    await runTool("mformat", ["-i", at("esp"), "-F", "::"]);
    await runTool("mmd", ["-i", at("esp"), "::/EFI", "::/EFI/BOOT"]);
    await runTool("mcopy", ["-i", at("esp"), at("BOOTX64.EFI"), "::/EFI/BOOT/"]);
    await runTool("mcopy", ["-i", at("esp"), "-s", at("boot"), "::/boot"]);
    const disk = Buffer.alloc(SIZE_BYTES);
    readFileSync(at("esp")).copy(disk, ESP.atBytes);
    writeGpt(disk);
    writeFileSync(path, disk);
  });
}

/** A protective MBR and a GPT with the one partition, without the copy at the disk's end: it will get another end. */
function writeGpt(disk: Buffer): void {
  disk[446 + 4] = 0xee;
  disk.writeUInt32LE(1, 446 + 8);
  disk.writeUInt32LE(0xffff_ffff, 446 + 12);
  disk.writeUInt16LE(0xaa55, 510);
  const sectors = disk.length / SECTOR_BYTES;
  const table = disk.subarray(2 * SECTOR_BYTES, 34 * SECTOR_BYTES);
  table.write(ESP_TYPE, 0, "hex");
  table.fill(0x11, 16, 32);
  const first = ESP.atBytes / SECTOR_BYTES;
  table.writeBigUInt64LE(BigInt(first), 32);
  table.writeBigUInt64LE(BigInt(first + ESP.sizeBytes / SECTOR_BYTES - 1), 40);
  const header = disk.subarray(SECTOR_BYTES, SECTOR_BYTES + 92);
  header.write("EFI PART", 0, "latin1");
  header.writeUInt32LE(0x10000, 8);
  header.writeUInt32LE(92, 12);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(BigInt(sectors - 1), 32);
  header.writeBigUInt64LE(34n, 40);
  header.writeBigUInt64LE(BigInt(sectors - 34), 48);
  header.fill(0x22, 56, 72);
  header.writeBigUInt64LE(2n, 72);
  header.writeUInt32LE(128, 80);
  header.writeUInt32LE(128, 84);
  header.writeUInt32LE(crc32(table), 88);
  sealGptHeader(disk);
}
