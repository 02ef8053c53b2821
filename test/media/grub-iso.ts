import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeOnce } from "./cache.ts";
import { runTool } from "./tools.ts";

/** Debian's own rescue disc, which has a BIOS entry and no UEFI entry (package grub-rescue-pc). */
export const DEBIAN_RESCUE_ISO = "/usr/lib/grub-rescue/grub-rescue-cdrom.iso";

/** What GRUB says on the serial line when {@link makeRescueIso}'s disc has booted, followed by `pc` or `efi`. */
export const RESCUE_MARKER = "TRAYLOAD-RESCUE platform=";

/** Begins every grub.cfg of ours: GRUB listens and speaks on the first serial line alone. */
export const GRUB_ON_SERIAL =
  "serial --unit=0 --speed=115200\nterminal_input serial\nterminal_output serial\n";

/** GRUB modules that our discs use; all of them would be nine megabytes to read. */
export const GRUB_MODULES =
  "linux normal iso9660 search search_label serial terminal echo boot test part_gpt part_msdos fat gzio " +
  // grub-mkrescue's own start asks for these, and complains on the serial line where one is missing.
  "part_acorn part_amiga part_apple part_bsd part_dfly part_dvh part_plan part_sun part_sunpc";

/**
 * Makes an ISO that boots under BIOS and UEFI, at `path`. `folder` holds its files, and gets a boot/grub/grub.cfg.
 * @throws Error when grub-mkrescue or what it needs is missing or fails.
 */
export async function makeGrubIso(
  path: string,
  folder: string,
  grubConfig: string,
  label: string,
): Promise<void> {
  mkdirSync(join(folder, "boot/grub"), { recursive: true });
  writeFileSync(join(folder, "boot/grub/grub.cfg"), grubConfig);
  const lean = ["--compress=no", "--fonts=", "--locales=", "--themes=", `--install-modules=${GRUB_MODULES}`];
  await runTool("grub-mkrescue", [...lean, "-o", path, folder, "-volid", label]);
}

/** Gives the path of an ISO for BIOS and UEFI that says {@link RESCUE_MARKER} on the serial line and stays. */
export function makeRescueIso(): Promise<string> {
  const config = `${GRUB_ON_SERIAL}echo "${RESCUE_MARKER}$grub_platform"\n`;
  return makeOnce("rescue.iso", [config, GRUB_MODULES], (path) =>
    makeGrubIso(path, join(dirname(path), "files"), config, "TRAYLOAD_RESCUE"),
  );
}
