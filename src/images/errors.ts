/** Kinds by what a person can do about them; public and documented, so only ever added to. */
export type ImageErrorCode =
  | "image-unreachable"
  | "image-not-found"
  | "image-access-denied"
  | "image-checksum-mismatch"
  | "image-not-bootable"
  | "image-not-allowed"
  | "image-too-large"
  | "image-store-full"
  | "checksum-invalid"
  | "kernel-args-invalid"
  | "files-invalid"
  | "disc-label-invalid"
  | "bootloader-not-found";

/** The one error of this room. Its message names the URL without its user info and query. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly code: ImageErrorCode;
  /** Whether the same fetch may succeed later without a person doing anything. */
  readonly retryable: boolean;
  readonly hint: string | undefined;

  constructor(
    message: string,
    facts: { code: ImageErrorCode; retryable: boolean; hint?: string; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retryable = facts.retryable;
    this.hint = facts.hint;
  }
}
