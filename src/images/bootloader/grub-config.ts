import { type KernelArg, writeGrubArg } from "../kernel-args.ts";

/** Stands on every disc of ours, so that GRUB can tell one. */
export const MARK_PATH = "/.disk/trayload";
/** What Debian's GRUB for discs looks for before it looks for its configuration. */
export const DEBIAN_MARK_PATH = "/.disk/info";
/** Where GRUB's builds look for their configuration: Debian's and Ubuntu's, and RHEL's and Fedora's. */
export const CONFIG_PATHS: readonly string[] = ["/boot/grub/grub.cfg", "/EFI/BOOT/grub.cfg"];
const CONFIG = CONFIG_PATHS[0]!;

/**
 * What is inside the boot image, the same for all discs, and read only where GRUB was built to look beside itself and firmware
 * shows it the image as a partition: goes on with the configuration of the disc around it.
 */
export const STUB_CONFIG = `# Made by Trayload.
search --set=root --file ${MARK_PATH}
set prefix="($root)/boot/grub"
configfile ${CONFIG}
`;

/** The configuration of one disc. What of it comes from a request are arguments, each one word to GRUB. */
export function nodeConfig(boot: {
  kernel: string;
  ramdisks: readonly string[];
  kernelArgs: readonly KernelArg[];
}): string {
  const args = boot.kernelArgs.map((arg) => ` ${writeGrubArg(arg)}`).join("");
  return `# Made by Trayload for one machine.
echo 'Trayload: loading the kernel and its ramdisk'
linux ${boot.kernel}${args}
initrd ${boot.ramdisks.join(" ")}
boot
`;
}
