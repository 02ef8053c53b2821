import { type KernelArg, writeGrubArg } from "../kernel-args.ts";

/** Stands on every disc of ours, so that GRUB can tell one. */
export const MARK_PATH = "/.disk/trayload";
/** What Debian's GRUB for discs looks for before it looks for its configuration. */
export const DEBIAN_MARK_PATH = "/.disk/info";
/** Where GRUB's builds look for their configuration: Debian's and Ubuntu's, and RHEL's and Fedora's. */
export const CONFIG_PATHS: readonly string[] = ["/boot/grub/grub.cfg", "/EFI/BOOT/grub.cfg"];
const CONFIG = CONFIG_PATHS[0]!;

/** The drive that GRUB itself came from, without a partition: `cd0` of `(cd0)/EFI/BOOT`. */
const FROM = `regexp --set=1:from '^\\(([^,)]+)' "$cmdpath"`;

/**
 * What is inside the boot image, the same for all discs, and read only by firmware that shows it to GRUB as a partition: goes
 * on with the configuration of the disc around it.
 */
export const STUB_CONFIG = `# Made by Trayload.
${FROM}
if [ -f "($from)${MARK_PATH}" ]; then set root="$from"; else search --set=root --file ${MARK_PATH}; fi
set prefix="($root)/boot/grub"
configfile ${CONFIG}
`;

/**
 * The configuration of one disc. It first looks whether GRUB came from another disc of ours, as its own search takes the first
 * one that it finds: a machine with two drives may still have an old disc in the other one.
 */
export function nodeConfig(boot: {
  kernel: string;
  ramdisks: readonly string[];
  kernelArgs: readonly KernelArg[];
}): string {
  const args = boot.kernelArgs.map((arg) => ` ${writeGrubArg(arg)}`).join("");
  return `# Made by Trayload for one machine.
${FROM}
if [ "$from" != "$root" -a -f "($from)${MARK_PATH}" ]; then
  set root="$from"
  set prefix="($root)/boot/grub"
  configfile ${CONFIG}
fi
echo 'Trayload: loading the kernel and its ramdisk'
linux ${boot.kernel}${args}
initrd ${boot.ramdisks.join(" ")}
boot
`;
}
