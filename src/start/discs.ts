import type { DiscOrder, ImageAccess } from "../deploy/index.ts";
import {
  admitBootPart,
  type BootPart,
  type Bootloaders,
  composeDisc,
  discOfIso,
  inspectImage,
  inspectIso,
  type KernelArgsRequest,
  type StoredImage,
} from "../images/index.ts";

/** Makes discs of whatever a deployment boots. */
export function createDiscMaker(bootloaders: Pick<Bootloaders, "prepare">): ImageAccess["makeDisc"] {
  return async (order) => {
    const { iso, kernel, ramdisk, bootloader } = order.images;
    if (iso !== undefined) return discOfIso(iso, await inspectIso(iso.path), order.discId);
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
    return { id: order.discId, ...disc };
  };
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
