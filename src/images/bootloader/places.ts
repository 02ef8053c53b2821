/** Machines that discs are composed for, as Linux calls them. */
export type Architecture = "x86_64" | "aarch64";

/** How firmware and distributions call an architecture's files. */
export interface Spelling {
  /** What UEFI starts from removable media (UEFI 2.10, table 3.5). */
  removable: string;
  /** What shim loads, beside itself. */
  grub: string;
  mokManager: string;
  /** Names under which shim, GRUB and shim's key manager are kept. The first that is there is taken. */
  shims: readonly string[];
  grubs: readonly string[];
  mokManagers: readonly string[];
}

/** Builds for discs come first: those look for their configuration on the disc that they came from. */
function spelling(suffix: string, removable: string, debianFolder: string): Spelling {
  const vendors = ["redhat", "centos", "rocky", "almalinux", "fedora", "debian", "ubuntu"];
  const installed = (name: string): string[] => vendors.map((vendor) => `boot/efi/EFI/${vendor}/${name}`);
  const cd = `gcd${suffix}.efi`;
  const grub = `grub${suffix}.efi`;
  const shim = `shim${suffix}.efi`;
  const mok = `mm${suffix}.efi`;
  return {
    removable,
    grub,
    mokManager: mok,
    shims: [`${shim}.signed`, shim, `usr/lib/shim/${shim}.signed`, ...installed(shim)],
    grubs: [`${cd}.signed`, cd, `${grub}.signed`, grub].concat(
      `usr/lib/grub/${debianFolder}/${cd}.signed`,
      installed(cd),
    ),
    mokManagers: [`${mok}.signed`, mok, `usr/lib/shim/${mok}.signed`, ...installed(mok)],
  };
}

export const SPELLINGS: Record<Architecture, Spelling> = {
  x86_64: spelling("x64", "BOOTX64.EFI", "x86_64-efi-signed"),
  aarch64: spelling("aa64", "BOOTAA64.EFI", "arm64-efi-signed"),
};

/** Where GRUB's parts for BIOS are kept. */
export const PC_FOLDERS: readonly string[] = ["i386-pc", "usr/lib/grub/i386-pc", "usr/lib/grub2/i386-pc"];

/** What brings these files, by who asks for which architecture. */
export function howToInstall(arch: Architecture, hostArch: string): string {
  if (arch === "x86_64")
    return (
      "Install them: apt-get install shim-signed grub-efi-amd64-signed grub-pc-bin grub-common (Debian, Ubuntu), or " +
      "dnf install shim-x64 grub2-efi-x64-cdboot grub2-pc-modules grub2-tools-minimal (RHEL, Fedora); or set " +
      "TRAYLOAD_BOOTLOADER_X86_64 to a folder with them or to an ESP image."
    );
  const elsewhere =
    "dpkg --add-architecture arm64 && apt-get update && apt-get download shim-signed:arm64 grub-efi-arm64-signed:arm64, " +
    "unpack both with dpkg -x into one folder, and set TRAYLOAD_BOOTLOADER_AARCH64 to it";
  const here = "apt-get install shim-signed grub-efi-arm64-signed";
  return `On Debian: ${hostArch === "arm64" ? here : elsewhere}; or set TRAYLOAD_BOOTLOADER_AARCH64 to an ESP image.`;
}
