import { ImageError, type ImageErrorCode } from "../errors.ts";

/** What an image is whose structures contradict each other or lead out of it. */
export function damaged(what: string): ImageError {
  return refusal(
    "iso-damaged",
    `The ISO image is damaged: ${what}`,
    "Fetch the image again and give its checksum.",
  );
}

/** What cannot be honoured on this image, said before anything was done. */
export function refusal(code: ImageErrorCode, message: string, hint: string): ImageError {
  return new ImageError(message, { code, retryable: false, hint });
}
