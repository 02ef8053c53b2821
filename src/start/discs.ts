import type { DiscOrder, ImageAccess, MadeDisc } from "../deploy/index.ts";
import {
  admitBootPart,
  type BootPart,
  type Bootloaders,
  composeDisc,
  discOfIso,
  inspectImage,
  inspectIso,
  type KernelArgsRequest,
  type PatchedDisc,
  patchIso,
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
  const { label: _label, ...disc } = composeDisc({
    kernel: kernel!,
    ramdisk: ramdisk!,
    bootloader: await bootloaders.prepare(order.arch, order.holder, bootloader),
    kernelArgs: wholeLine(order.kernelArgs),
    files: order.files,
    label: order.label ?? undefined,
    bootMode: order.bootMode,
  });
  return { disc: { id: order.discId, ...disc }, told: [], warnings: [] };
}

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
  if (!hasArgs && order.files.length === 0 && order.label === null)
    return { disc: discOfIso(iso, report, order.discId), told: [], warnings: [] };
  const changes = {
    kernelArgs: hasArgs ? { append, remove, replace } : undefined,
    files: order.files,
    label: order.label ?? undefined,
  };
  const patched = await patchIso(iso, report, changes, order.discId);
  return { disc: patched.disc, told: tell(patched), warnings: patched.warnings };
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
