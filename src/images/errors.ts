/** Kinds by what a person can do about them; public and documented, so only ever added to. */
export type ImageErrorCode =
  | "image-unreachable"
  | "image-not-found"
  | "image-access-denied"
  | "image-certificate-untrusted"
  | "image-checksum-mismatch"
  | "image-not-bootable"
  | "image-unsafe"
  | "image-format-mismatch"
  | "image-format-not-permitted"
  | "iso-not-writable"
  | "image-not-allowed"
  | "image-member-not-found"
  | "image-too-large"
  | "image-in-use"
  | "image-store-full"
  | "checksum-invalid"
  | "checksum-required"
  | "kernel-args-invalid"
  | "files-invalid"
  | "disc-label-invalid"
  | "data-not-read"
  | "config-drive-invalid"
  | "bootloader-not-found"
  | "network-data-invalid"
  | "network-data-unsupported"
  | "iso-damaged"
  | "iso-unsupported"
  | "iso-is-udf"
  | "iso-signed-kernel"
  | "iso-no-boot-menu"
  | "iso-media-check"
  | "iso-no-room"
  | "iso-already-customised"
  | "iso-data-not-read";

/** The one error of this room. Its message names the URL without its user info and query. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly code: ImageErrorCode;
  /** Whether the same fetch may succeed later without a person doing anything. */
  readonly retryable: boolean;
  readonly hint: string | undefined;
  /** How long the source asked us to wait (RFC 9110, 10.2.3). */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    facts: {
      code: ImageErrorCode;
      retryable: boolean;
      hint?: string;
      cause?: unknown;
      retryAfterMs?: number;
    },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retryable = facts.retryable;
    this.hint = facts.hint;
    this.retryAfterMs = facts.retryAfterMs;
  }
}
