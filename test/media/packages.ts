import { globSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeOnce } from "./cache.ts";
import { runTool } from "./tools.ts";

/**
 * Gives the path of a folder with Debian packages unpacked in it, as if it were the root of a system. They are downloaded with
 * apt the first time, and not installed.
 * @throws Error when apt cannot: mostly no network, or `apt-get update` has never run.
 */
export function getPackages(name: string, packages: readonly string[]): Promise<string> {
  return makeOnce(name, packages, async (folder) => {
    const workshop = dirname(folder);
    const unpacked = join(workshop, "unpacked");
    await runTool("apt-get", ["download", "-q", ...packages], { cwd: workshop });
    for (const deb of globSync(join(workshop, "*.deb"))) await runTool("dpkg", ["-x", deb, unpacked]);
    renameSync(unpacked, folder);
  });
}

/** Debian's installer, as it is booted over a network: kernel and ramdisk. */
export async function getDebianInstaller(): Promise<{ kernel: string; ramdisk: string }> {
  const folder = await getPackages("installer", ["debian-installer-12-netboot-amd64"]);
  const images = join(folder, "usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64");
  return { kernel: join(images, "linux"), ramdisk: join(images, "initrd.gz") };
}

/** What starts Linux under Secure Boot: Debian's shim, signed by Microsoft, and its GRUB. */
export const SIGNED_BOOTLOADER: readonly string[] = ["shim-signed", "grub-efi-amd64-signed"];
