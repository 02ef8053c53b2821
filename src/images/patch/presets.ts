import { type KernelArg, parseKernelArgs } from "../kernel-args.ts";
import { refusal } from "../iso9660/damage.ts";
import type { InstallerFamily } from "./family.ts";

/** Documents for the installer, in its own language. */
export interface InstallerData {
  /** Kickstart, preseed, AutoYaST or Agama profile, NoCloud user-data, Ignition config, ESXi kickstart. */
  userData?: Buffer | undefined;
  /** NoCloud only; empty unless given. */
  metaData?: Buffer | undefined;
  /** NoCloud only. */
  vendorData?: Buffer | undefined;
}

/** What an installer's own way of being told amounts to on the disc. */
export interface Preset {
  args: KernelArg[];
  files: { path: string; content: Buffer }[];
}

const PLAIN: Partial<Record<InstallerFamily, { path: string; args: string }>> = {
  // Tries every optical drive that appears, and waits for it (anaconda, inst.ks).
  "red-hat": { path: "/ks.cfg", args: "inst.ks=cdrom:/ks.cfg" },
  debian: { path: "/preseed.cfg", args: "auto=true priority=critical file=/cdrom/preseed.cfg" },
  autoyast: { path: "/autoinst.xml", args: "autoyast=cd:///autoinst.xml" },
  // The path is taken as it is written, in capitals (VMware, "Boot options for an automated installation").
  esxi: { path: "/KS.CFG", args: "ks=cdrom:/KS.CFG" },
};

/**
 * Where a family looks for its configuration, and the arguments that make it look. CoreOS has no file: its config goes
 * into the image's embed area.
 *
 * @throws ImageError `iso-data-not-read` for what this family does not read
 */
export function presetOf(family: InstallerFamily, data: InstallerData, volumeLabel: string): Preset {
  const { userData, metaData, vendorData } = data;
  const given = Object.entries({ userData, metaData, vendorData }).filter(([, value]) => value !== undefined);
  if (given.length === 0) return { args: [], files: [] };
  if (family === "other") throw notRead(given[0]![0], "no installer that Trayload knows");
  if (family !== "ubuntu" && (metaData !== undefined || vendorData !== undefined))
    throw notRead(
      metaData === undefined ? "vendorData" : "metaData",
      `the ${family} installer, which does not read it`,
    );
  if (userData === undefined && family !== "ubuntu") return { args: [], files: [] };
  if (family === "ubuntu") return noCloud(data);
  if (family === "coreos") return { args: [], files: [] };
  if (family === "agama") return agama(userData!, volumeLabel);
  const { path, args } = PLAIN[family]!;
  return { args: parseKernelArgs(args), files: [{ path, content: userData! }] };
}

/**
 * Ubuntu's live installer reads the NoCloud files, and asks for a yes unless `autoinstall` is an argument. Its own check
 * of the medium reads gigabytes over a slow line, and says only what is known.
 */
function noCloud({ userData, metaData, vendorData }: InstallerData): Preset {
  const files = [
    { path: "/nocloud/user-data", content: userData ?? Buffer.from("#cloud-config\n{}\n") },
    { path: "/nocloud/meta-data", content: metaData ?? Buffer.alloc(0) },
  ];
  if (vendorData !== undefined) files.push({ path: "/nocloud/vendor-data", content: vendorData });
  return { args: parseKernelArgs("autoinstall ds=nocloud;s=/cdrom/nocloud/ fsck.mode=skip"), files };
}

/** Agama goes by the name's ending (Agama documentation, "Unattended installation"). */
function agama(userData: Buffer, volumeLabel: string): Preset {
  const start = userData.toString("utf8", 0, 4096).trimStart();
  const ending = start.startsWith("<") ? "xml" : isJson(userData) ? "json" : "jsonnet";
  const label = /^[A-Za-z0-9._-]+$/.test(volumeLabel) ? `label://${volumeLabel}` : "cd:";
  const path = `/autoinst.${ending}`;
  return { args: parseKernelArgs(`inst.auto=${label}${path}`), files: [{ path, content: userData }] };
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

function notRead(what: string, by: string): Error {
  return refusal(
    "iso-data-not-read",
    `${what} was given, and the ISO image has ${by}`,
    "Give the files with their paths and the kernel arguments that the system reads, in files and kernelArgs.",
  );
}
