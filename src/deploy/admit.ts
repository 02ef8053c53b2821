import { ImageError, readKernelArgsChange } from "../images/index.ts";
import { IntakeError, type IntakeErrorCode } from "./input.ts";
import type { Parts } from "./parts.ts";
import { type DeploymentRequest, type ImageSpec, imagesOf } from "./request.ts";

type Needed = { images: Pick<Parts["images"], "admit"> };

/**
 * Judges what a request says of images and disc by its words alone. What may not be fetched is not even kept: a URL with a
 * password in it, for one.
 *
 * @throws IntakeError that names the field
 */
export function admitRequest(parts: Needed, { boot, disc }: Pick<DeploymentRequest, "boot" | "disc">): void {
  for (const [role, image] of imagesOf(boot)) admitImage(parts, `boot.${role}`, image);
  asField("kernelArgs", () => readKernelArgsChange(disc.kernelArgs));
}

/** @param path of the image in the request: `boot.iso` */
export function admitImage({ images }: Needed, path: string, image: ImageSpec): void {
  const pathOf = (error: ImageError) =>
    error.code === "checksum-invalid" ? `${path}.checksum` : `${path}.url`;
  asField(pathOf, () => images.admit(image));
}

const CODES: Partial<Record<ImageError["code"], IntakeErrorCode>> = {
  "checksum-invalid": "checksum-invalid",
  "checksum-required": "checksum-required",
  "kernel-args-invalid": "kernel-args-invalid",
};

/** Says which field the images room does not like. */
function asField(path: string | ((error: ImageError) => string), judge: () => unknown): void {
  try {
    judge();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const { code, message, hint } = error;
    throw new IntakeError(message, {
      code: CODES[code] ?? "image-not-allowed",
      ...(hint === undefined ? {} : { hint }),
      fields: [{ path: typeof path === "string" ? path : path(error), message }],
    });
  }
}
