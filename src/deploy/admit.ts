import { checkLabel, checkPaths, ImageError, parseKernelArgs } from "../images/index.ts";
import type { Node } from "../nodes/index.ts";
import { IntakeError } from "./input.ts";
import type { Parts } from "./parts.ts";
import { partsOf } from "./request-parts.ts";
import {
  type BootSpec,
  type DeploymentRequest,
  imageRequest,
  type ImageRole,
  type ImageSpec,
  imagesOf,
  pathOfImage,
  type RequestSecrets,
} from "./request.ts";

type Needed = { images: Pick<Parts["images"], "admit"> };

/**
 * Judges what a request says of images and disc by its words alone. What may not be fetched is not even kept: a URL with a
 * password in it, for one.
 *
 * @throws IntakeError that names the field
 */
export function admitRequest(
  parts: Needed,
  request: Pick<DeploymentRequest, "boot" | "disc" | "data" | "write">,
): void {
  for (const [role, image] of imagesOf(request)) admitImage(parts, pathOfImage(role), image);
  for (const [name, part] of partsOf(request)) if ("url" in part) admitImage(parts, name, part);
  const { kernelArgs, files, label } = request.disc;
  const args = typeof kernelArgs === "string" ? { "": kernelArgs } : kernelArgs;
  for (const [how, text = ""] of Object.entries(args))
    asField(how === "" ? "kernelArgs" : `kernelArgs.${how}`, () => parseKernelArgs(text));
  for (const isInRamdisk of [false, true]) {
    const paths = files.filter(({ inRamdisk = false }) => inRamdisk === isInRamdisk).map(({ path }) => path);
    asField("files", () => checkPaths(paths));
  }
  if (label !== null) asField("discLabel", () => checkLabel(label));
}

/** @param path of the image in the request: `boot.iso` */
export function admitImage({ images }: Needed, path: string, image: ImageSpec): void {
  asField(fieldOf(path), () => images.admit(image));
}

const FIELDS: Partial<Record<ImageError["code"], string>> = {
  "checksum-invalid": "checksum",
  "checksum-required": "checksum",
  "image-member-not-found": "member",
};

const fieldOf = (path: string) => (error: ImageError) => `${path}.${FIELDS[error.code] ?? "url"}`;

/**
 * Pins what is named by a tag to what that leads to now, for the node's architecture.
 *
 * @throws IntakeError that names the field
 */
export async function pinImages<Request extends Pick<DeploymentRequest, "boot" | "write">>(
  { images }: { images: Pick<Parts["images"], "resolve"> },
  request: Request,
  arch: Node["arch"],
  secrets: RequestSecrets,
): Promise<Request> {
  async function pin<Spec extends ImageSpec>(role: ImageRole, asked: Spec): Promise<Spec> {
    if (!/^oci:/i.test(asked.url)) return asked;
    // A retry asks anew.
    const forNode = { ...asked, arch, pinnedUrl: asked.url };
    const wanted = imageRequest(role, forNode, secrets);
    const { url } = await images
      .resolve(wanted)
      .catch((error: unknown) => refuse(fieldOf(pathOfImage(role)), error));
    return { ...forNode, pinnedUrl: url };
  }
  const booted = imagesOf({ boot: request.boot }).map(async ([role, asked]) => [
    role,
    await pin(role, asked),
  ]);
  const boot = { ...request.boot, ...Object.fromEntries(await Promise.all(booted)) } as BootSpec;
  const { write } = request;
  if (write === undefined) return { ...request, boot };
  return { ...request, boot, write: { ...write, image: await pin("disk", write.image) } };
}

/** Says which field the images room does not like. */
function asField(path: string | ((error: ImageError) => string), judge: () => unknown): void {
  try {
    judge();
  } catch (error) {
    refuse(path, error);
  }
}

/** The same for what takes time. */
export async function asFieldLater<Result>(path: string, judge: () => Promise<Result>): Promise<Result> {
  return judge().catch((error: unknown) => refuse(path, error));
}

function refuse(path: string | ((error: ImageError) => string), error: unknown): never {
  if (!(error instanceof ImageError)) throw error;
  const { code, message, hint } = error;
  throw new IntakeError(message, {
    code,
    ...(hint === undefined ? {} : { hint }),
    fields: [{ path: typeof path === "string" ? path : path(error), message }],
  });
}
