import { configDriveFiles } from "../config-drive/config-drive.ts";
import type { InstanceData, InstanceNames, JsonObject } from "../config-drive/data.ts";
import { ImageError } from "../errors.ts";
import { type KernelArg, parseKernelArgs } from "../kernel-args.ts";
import { networkConfig } from "../network/cloud-init.ts";
import { dracutArgs } from "../network/dracut.ts";
import { linuxrcArgs, netcfgArgs } from "../network/installers.ts";
import type { NetworkData } from "../network/network-data.ts";
import type { NodeFile } from "./files.ts";
import { type DataLanguage, languageOf } from "./language.ts";

/** Documents for what boots. */
export interface DiscData {
  userData?: Buffer | undefined;
  metaData?: Buffer | undefined;
  vendorData?: Buffer | undefined;
  networkData?: NetworkData | undefined;
}

/** What documents amount to on a disc of our own. */
export interface PlacedData {
  args: KernelArg[];
  files: NodeFile[];
  /** Where installers find their configuration whatever medium they were started from. */
  ramdiskFiles: NodeFile[];
}

type Installer = Exclude<DataLanguage, "cloud">;

const INSTALLERS: Record<
  Installer,
  { path: string; args: string; network: (data: NetworkData) => KernelArg[] }
> = {
  // As `coreos-installer pxe ignition wrap` has it.
  ignition: {
    path: "/config.ign",
    args: "ignition.firstboot ignition.platform.id=metal",
    network: dracutArgs,
  },
  kickstart: { path: "/ks.cfg", args: "inst.ks=file:/ks.cfg", network: dracutArgs },
  // Found there without being named (Debian installation guide, B.2.1).
  preseed: { path: "/preseed.cfg", args: "auto=true priority=critical", network: netcfgArgs },
  autoyast: { path: "/autoinst.xml", args: "autoyast=file:///autoinst.xml", network: linuxrcArgs },
};

/**
 * Puts documents where what is booted from a kernel and a ramdisk looks for them, by the language of `userData`:
 * installers read theirs from the ramdisk, and everything else reads a config drive.
 *
 * @param label that was asked for; it chooses between the two kinds of config drives
 * @throws ImageError `data-not-read`, `network-data-unsupported`
 */
export function placeData(data: DiscData, names: InstanceNames, label: string | undefined): PlacedData {
  const { userData, metaData, vendorData, networkData } = data;
  const language = userData === undefined ? "cloud" : languageOf(userData);
  if (Object.values(data).every((part) => part === undefined))
    return { args: [], files: [], ramdiskFiles: [] };
  if (language === "cloud")
    return { args: [], files: volumeFiles(data, names, label ?? "config-2"), ramdiskFiles: [] };
  if (metaData !== undefined || vendorData !== undefined)
    throw notRead(metaData === undefined ? "vendorData" : "metaData", `beside userData in ${language}`);
  const { path, args, network } = INSTALLERS[language];
  return {
    args: [...parseKernelArgs(args), ...(networkData === undefined ? [] : network(networkData))],
    files: [],
    ramdiskFiles: [{ path, content: userData! }],
  };
}

/**
 * Documents as the volume of a label has them: `config-2` OpenStack's, `cidata` NoCloud's (cloud-init, "Datasources").
 *
 * @throws ImageError `data-not-read` for any other label
 */
export function volumeFiles(data: DiscData, names: InstanceNames, label: string): NodeFile[] {
  if (label.toLowerCase() === "config-2") return configDriveFiles(instanceDataOf(data), names);
  if (label.toLowerCase() === "cidata") return noCloudFiles(data, names, "/");
  const [name] = Object.entries(data).find(([, value]) => value !== undefined)!;
  throw notRead(name, `on a volume labelled ${label}; config-2 and cidata are read`);
}

/** What NoCloud reads from a directory. It wants user-data and meta-data to be there. */
export function noCloudFiles(
  { userData, metaData, vendorData, networkData }: DiscData,
  { uuid, name }: InstanceNames,
  folder: string,
): { path: string; content: Buffer }[] {
  const own = { "instance-id": uuid, "local-hostname": name };
  const files: [name: string, content: Buffer | undefined][] = [
    ["user-data", userData ?? Buffer.from("#cloud-config\n{}\n")],
    ["meta-data", metaData ?? Buffer.from(`${JSON.stringify(own)}\n`)],
    ["vendor-data", vendorData],
    ["network-config", networkData && networkConfig(networkData)],
  ];
  return files.flatMap(([file, content]) =>
    content === undefined ? [] : [{ path: `${folder}${file}`, content }],
  );
}

/**
 * Documents as a config drive has them.
 *
 * @throws ImageError `data-not-read` for those that must be JSON there and are not
 */
function instanceDataOf({ userData, metaData, vendorData, networkData }: DiscData): InstanceData {
  return {
    userData,
    metaData: jsonOf("metaData", metaData),
    vendorData: jsonOf("vendorData", vendorData),
    networkData,
  };
}

function jsonOf(field: string, bytes: Buffer | undefined): JsonObject | undefined {
  if (bytes === undefined) return undefined;
  const read = parse(bytes);
  if (typeof read === "object" && read !== null && !Array.isArray(read)) return read as JsonObject;
  throw notRead(field, "on a config drive unless it is a JSON object");
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}

function notRead(field: string, where: string): ImageError {
  return new ImageError(`${field} would not be read ${where}`, {
    code: "data-not-read",
    retryable: false,
    hint: "docs/patching.md tells what reads which document; all else goes into files and kernelArgs.",
  });
}
