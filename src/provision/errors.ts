/** Kinds of failure of this room; public and documented, so only ever added to. */
export type ProvisionErrorCode = "provision-listen-failed";

/** The one error of this room. Its message names an address, never a path that was asked for. */
export class ProvisionError extends Error {
  override readonly name = "ProvisionError";
  readonly code: ProvisionErrorCode;
  readonly retryable: boolean;
  readonly hint: string | undefined;

  constructor(
    message: string,
    facts: { code: ProvisionErrorCode; retryable: boolean; hint?: string; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retryable = facts.retryable;
    this.hint = facts.hint;
  }
}
