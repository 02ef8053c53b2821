import type { DiscOrder, ImageAccess, MadeDisc } from "../deploy/index.ts";
import {
  admitBootPart,
  type BootPart,
  type Bootloaders,
  composeDisc,
  type DiscData,
  discOfIso,
  ImageError,
  type ImageErrorCode,
  inspectImage,
  inspectIso,
  type IsoReport,
  type KernelArg,
  type KernelArgsChange,
  type KernelArgsRequest,
  makeSecondDisc,
  parseNetworkData,
  type PatchedDisc,
  patchIso,
  placeData,
  readKernelArgsChange,
  type StoredImage,
} from "../images/index.ts";

/** Makes discs of whatever a deployment boots. */
export function createDiscMaker(bootloaders: Pick<Bootloaders, "prepare">): ImageAccess["makeDisc"] {
  return (order) => {
    const { iso } = order.images;
    return iso === undefined ? compose(bootloaders, order) : customise(iso, order);
  };
}

async function compose(bootloaders: Pick<Bootloaders, "prepare">, order: DiscOrder): Promise<MadeDisc> {
  const { kernel, ramdisk, bootloader } = order.images;
  await admitParts(order, { kernel, ramdisk, bootloader });
  const placed = placeData(dataOf(order), order.names, order.label ?? undefined);
  const { label: _label, ...disc } = composeDisc({
    kernel: kernel!,
    ramdisk: ramdisk!,
    bootloader: await bootloaders.prepare(order.arch, order.holder, bootloader),
    kernelArgs: wholeLine(order.kernelArgs),
    moreArgs: placed.args,
    files: [...order.files.filter(({ inRamdisk }) => !inRamdisk), ...placed.files],
    ramdiskFiles: [...order.files.filter(({ inRamdisk }) => inRamdisk), ...placed.ramdiskFiles],
    label: order.label ?? undefined,
    bootMode: order.bootMode,
  });
  return { disc: { id: order.discId, ...disc }, told: [], warnings: [] };
}

/** What is known of the node stands for what the request does not say. */
function dataOf({ data, nodeNetworkData }: DiscOrder): DiscData {
  const { networkData, ...documents } = data;
  const network = networkData === undefined ? asBytes(nodeNetworkData) : networkData;
  return {
    ...(documents as Record<keyof typeof documents, Buffer>),
    ...(network === null ? {} : { networkData: parseNetworkData(network) }),
  };
}

const asBytes = (value: object | null): Buffer | null =>
  value === null ? null : Buffer.from(JSON.stringify(value));

/** Looks whether each image is what it is given for, before a machine is restarted for nothing. */
async function admitParts(
  { arch }: DiscOrder,
  parts: Partial<Record<BootPart, StoredImage | undefined>>,
): Promise<void> {
  for (const [part, image] of Object.entries(parts))
    if (image !== undefined) admitBootPart(await inspectImage(image.path), part as BootPart, arch);
}

/** A disc of our own has no arguments that could be removed, so those that replace are simply there. */
function wholeLine(request: KernelArgsRequest): string {
  if (typeof request === "string") return request;
  return [request.replace, request.append].filter(Boolean).join(" ");
}

/** An ISO of which nothing else is asked is served as it is, whatever it looks like inside. */
async function customise(iso: StoredImage, order: DiscOrder): Promise<MadeDisc> {
  const report = await inspectIso(iso.path);
  const { append, remove, replace } = readKernelArgsChange(order.kernelArgs);
  const hasArgs = append.length + remove.length + replace.length > 0;
  const hasData = Object.values(order.data).some((document) => document !== null);
  if (!hasArgs && !hasData && order.files.length === 0 && order.label === null)
    return { disc: discOfIso(iso, report, order.discId), told: [], warnings: warningsAsItIs(order) };
  refuseRamdiskFiles(order);
  const { via, second } = order;
  if (via === "second-disc" && second !== null) return layBeside(iso, report, order, second, "as was asked");
  try {
    const made = await patch(iso, report, order, hasArgs ? { append, remove, replace } : undefined);
    if (via === "second-disc")
      made.warnings.push("the BMC has no slot for a second disc, so the ISO was patched");
    return made;
  } catch (error) {
    if (!(error instanceof ImageError) || !CURED_BESIDE.includes(error.code) || via === "patch") throw error;
    if (hasArgs && !order.isForAgent) throw error;
    const own = order.isForAgent ? withParameters(order, append, error) : order;
    if (second === null) throw withoutSlot(error);
    const made = await layBeside(iso, report, own, second, error.message);
    if (order.isForAgent) made.warnings.push(PARAMETERS_READ);
    return made;
  }
}

/** What keeps an ISO from being patched, and not from being booted with a disc beside it. */
const CURED_BESIDE: readonly ImageErrorCode[] = [
  "iso-is-udf",
  "iso-unsupported",
  "iso-no-boot-menu",
  "iso-signed-kernel",
  "iso-no-room",
  "iso-data-not-read",
];

const PARAMETERS_READ =
  "the agent reads its parameters from the second disc only where its ISO's own kernel line has boot_method=vmedia";

/**
 * An agent reads a disc of this label, and nothing of it but this one file (ironic-python-agent, utils.py).
 *
 * @throws ImageError `why` where something else is to be told as well
 */
function withParameters(order: DiscOrder, append: readonly KernelArg[], why: ImageError): DiscOrder {
  const isOthers = ({ name }: KernelArg) => !name.startsWith("ipa-") && name !== "boot_method";
  const isChanged =
    typeof order.kernelArgs !== "string" && (order.kernelArgs.remove || order.kernelArgs.replace);
  if (isChanged || append.some(isOthers) || order.files.length > 0 || order.label !== null)
    throw withHint(why, "A second disc could carry the agent's own parameters (ipa-…) and nothing else.");
  const lines = append.map(({ name, value }) => `${name}=${value ?? ""}\n`);
  const file = { path: "/parameters.txt", content: Buffer.from(lines.join("")), inRamdisk: false };
  return { ...order, files: [file], data: { networkData: null }, label: "ir-vfd-dev" };
}

function withoutSlot(error: ImageError): ImageError {
  return withHint(error, "A second disc could carry it, but the BMC has no other slot.");
}

function withHint(error: ImageError, also: string): ImageError {
  const { code, hint, retryable } = error;
  const facts = { code, retryable, hint: hint === undefined ? also : `${hint} ${also}` };
  return new ImageError(error.message, { ...facts, cause: error });
}

/** The image as it is, and what is the node's own on a disc for another slot. */
async function layBeside(
  iso: StoredImage,
  report: IsoReport,
  order: DiscOrder,
  { discId, format }: NonNullable<DiscOrder["second"]>,
  why: string,
): Promise<MadeDisc> {
  const { files, names, label } = order;
  const changes = { ...dataOf(order), files, names, label: label ?? undefined, discId, format };
  const { disc: second, label: name } = await makeSecondDisc(iso, report, changes);
  const told = [`a second disc labelled ${name} beside the ISO, which stays as it is: ${why}`];
  return { disc: discOfIso(iso, report, order.discId), second, told, warnings: [] };
}

async function patch(
  iso: StoredImage,
  report: IsoReport,
  order: DiscOrder,
  kernelArgs: KernelArgsChange | undefined,
): Promise<MadeDisc> {
  const { files, names, label, discId } = order;
  const changes = { ...dataOf(order), names, kernelArgs, files, label: label ?? undefined };
  const patched = await patchIso(iso, report, changes, discId);
  return { disc: patched.disc, told: tell(patched), warnings: patched.warnings };
}

function warningsAsItIs({ nodeNetworkData, data }: DiscOrder): string[] {
  if (nodeNetworkData === null || data.networkData === null) return [];
  return ["the node's networkData are not told to an ISO that is booted as it is"];
}

function refuseRamdiskFiles({ files }: DiscOrder): void {
  const file = files.find(({ inRamdisk }) => inRamdisk);
  if (file === undefined) return;
  throw new ImageError(`${file.path} is to be in the ramdisk, and that of a boot ISO stays as it is`, {
    code: "files-invalid",
    retryable: false,
    hint: "Put it onto the disc, or boot a kernel and a ramdisk.",
  });
}

/** Paths are the caller's own words; contents and arguments stay out of the record's events. */
function tell({ family, menus, files }: PatchedDisc): string[] {
  const lines = menus.reduce((sum, { entries }) => sum + entries, 0);
  return [
    `patched as ${family}`,
    ...(menus.length === 0 ? [] : [`${lines} kernel lines in ${menus.length} boot menus`]),
    ...(files.length === 0 ? [] : [`${files.length} files`]),
  ];
}
