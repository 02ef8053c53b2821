import { globSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
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

/**
 * The same for another architecture than this machine's. Apt works on lists of its own for that, so that nothing is changed
 * here: neither the architectures that dpkg knows nor the lists of the system.
 *
 * @param dependency one more package, which is known only as what another one depends on
 */
export function getForeignPackages(
  name: string,
  arch: string,
  packages: readonly string[],
  dependency: { of: string; begins: string },
): Promise<string> {
  return makeOnce(name, [arch, packages, dependency], async (folder) => {
    const workshop = dirname(folder);
    const apt = foreignApt(join(workshop, "apt"), arch);
    await runTool("apt-get", [...apt, "update", "-q"]);
    const depends = await runTool("apt-cache", [...apt, "depends", dependency.of]);
    const meant = new RegExp(`Depends: (${dependency.begins}\\S+)`).exec(depends)?.[1];
    if (meant === undefined) throw new Error(`apt knows nothing behind ${dependency.of} for ${arch}`);
    await runTool("apt-get", [...apt, "download", "-q", ...packages, meant], { cwd: workshop });
    const unpacked = join(workshop, "unpacked");
    for (const deb of globSync(join(workshop, "*.deb"))) await runTool("dpkg", ["-x", deb, unpacked]);
    renameSync(unpacked, folder);
  });
}

/** Options with which apt keeps everything in a folder and sees one architecture. */
function foreignApt(folder: string, arch: string): string[] {
  for (const part of ["lists/partial", "cache/archives/partial"])
    mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, "status"), "");
  const options = {
    "APT::Architecture": arch,
    "APT::Architectures": arch,
    "Dir::State::lists": join(folder, "lists"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
  };
  return Object.entries(options).flatMap(([option, value]) => ["-o", `${option}=${value}`]);
}

/** Debian's installer, as it is booted over a network: kernel and ramdisk. */
export async function getDebianInstaller(): Promise<{ kernel: string; ramdisk: string }> {
  const folder = await getPackages("installer", ["debian-installer-12-netboot-amd64"]);
  const images = join(folder, "usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64");
  return { kernel: join(images, "linux"), ramdisk: join(images, "initrd.gz") };
}

/** What starts Linux under Secure Boot: Debian's shim, signed by Microsoft, and its GRUB. */
export const SIGNED_BOOTLOADER: readonly string[] = ["shim-signed", "grub-efi-amd64-signed"];
