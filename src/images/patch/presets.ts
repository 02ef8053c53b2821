import { type DiscData, noCloudFiles, volumeFiles } from "../compose/data.ts";
import type { NodeFile } from "../compose/files.ts";
import type { InstanceNames } from "../config-drive/data.ts";
import { refusal } from "../iso9660/damage.ts";
import { type KernelArg, parseKernelArgs } from "../kernel-args.ts";
import { dracutArgs } from "../network/dracut.ts";
import { esxiArgs, linuxrcArgs, netcfgArgs } from "../network/installers.ts";
import type { NetworkData } from "../network/network-data.ts";
import type { InstallerFamily } from "./family.ts";

/** What an installer's own way of being told amounts to on the disc. */
export interface Preset {
  args: KernelArg[];
  files: NodeFile[];
}

type PlainFamily = "red-hat" | "debian" | "autoyast" | "esxi";

const PLAIN: Record<PlainFamily, { path: string; args: string }> = {
  // Tries every optical drive that appears, and waits for it (anaconda, inst.ks).
  "red-hat": { path: "/ks.cfg", args: "inst.ks=cdrom:/ks.cfg" },
  debian: { path: "/preseed.cfg", args: "auto=true priority=critical file=/cdrom/preseed.cfg" },
  autoyast: { path: "/autoinst.xml", args: "autoyast=cd:///autoinst.xml" },
  // The path is taken as it is written, in capitals (VMware, "Boot options for an automated installation").
  esxi: { path: "/KS.CFG", args: "ks=cdrom:/KS.CFG" },
};

/** How a family is told its network; Ubuntu reads a file, and what is unknown reads nothing. */
const NETWORK: Record<Exclude<InstallerFamily, "ubuntu" | "other">, (data: NetworkData) => KernelArg[]> = {
  "red-hat": dracutArgs,
  agama: dracutArgs,
  coreos: dracutArgs,
  debian: netcfgArgs,
  autoyast: linuxrcArgs,
  esxi: esxiArgs,
};

/**
 * Where a family looks for its configuration, and the arguments that make it look. CoreOS has no file: its config goes
 * into the image's embed area. What is unknown reads a config drive, where the disc has the label of one.
 *
 * @param volumeLabel that the disc will have
 * @throws ImageError `iso-data-not-read` for what this family does not read; `network-data-unsupported`
 */
export function presetOf(
  family: InstallerFamily,
  data: DiscData,
  names: InstanceNames,
  volumeLabel: string,
): Preset {
  const given = DOCUMENTS.filter((name) => data[name] !== undefined);
  if (given.length === 0) return { args: [], files: [] };
  if (family === "ubuntu") return noCloud(data, names);
  if (family === "other") return configDrive(data, names, volumeLabel, given[0]!);
  const unread = given.find((name) => name === "metaData" || name === "vendorData");
  if (unread !== undefined) throw notRead(unread, `the ${family} installer, which does not read it`);
  const { userData, networkData } = data;
  const own = userData === undefined ? { args: [], files: [] } : ownFile(family, userData, volumeLabel);
  const network = networkData === undefined ? [] : NETWORK[family](networkData);
  return { files: own.files, args: [...own.args, ...network] };
}

const DOCUMENTS = ["userData", "metaData", "vendorData", "networkData"] as const;

function ownFile(
  family: Exclude<InstallerFamily, "ubuntu" | "other">,
  userData: Buffer,
  volumeLabel: string,
): Preset {
  if (family === "coreos") return { args: [], files: [] };
  if (family === "agama") return agama(userData, volumeLabel);
  const { path, args } = PLAIN[family];
  return { args: parseKernelArgs(args), files: [{ path, content: userData }] };
}

/**
 * Ubuntu's live installer reads the NoCloud files, and asks for a yes unless `autoinstall` is an argument. Its own check
 * of the medium reads gigabytes over a slow line, and says only what is known.
 */
function noCloud(data: DiscData, names: InstanceNames): Preset {
  const yes = data.userData === undefined ? "" : "autoinstall ";
  return {
    args: parseKernelArgs(`${yes}ds=nocloud;s=/cdrom/nocloud/ fsck.mode=skip`),
    files: noCloudFiles(data, names, "/nocloud/"),
  };
}

/** Live systems with cloud-init or the agent know a config drive by its label, also when it is what they booted from. */
function configDrive(data: DiscData, names: InstanceNames, label: string, first: string): Preset {
  if (!/^(config-2|cidata)$/i.test(label)) throw notRead(first, "no installer that Trayload knows");
  return { args: [], files: volumeFiles(data, names, label) };
}

/** Agama goes by the name's ending (Agama documentation, "Unattended installation"). */
export function agamaFile(userData: Buffer): string {
  const start = userData.toString("utf8", 0, 4096).trimStart();
  return `/autoinst.${start.startsWith("<") ? "xml" : isJson(userData) ? "json" : "jsonnet"}`;
}

function agama(userData: Buffer, volumeLabel: string): Preset {
  const label = /^[A-Za-z0-9._-]+$/.test(volumeLabel) ? `label://${volumeLabel}` : "cd:";
  const path = agamaFile(userData);
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
    "Give files and kernelArgs that the system reads, or discLabel config-2 or cidata where it reads a config drive.",
  );
}
