/** Kinds by what a person can do about them; public and documented, so only ever added to. */
export type JobsErrorCode = "redis-unreachable" | "redis-not-started" | "redis-in-use";

/** The one error of this room: a Redis that could not be had at start. Later losses are logged and waited out. */
export class JobsError extends Error {
  override readonly name = "JobsError";
  readonly code: JobsErrorCode;
  /** Whether a later start may succeed without a person doing anything. */
  readonly retryable: boolean;
  readonly hint: string;

  constructor(
    message: string,
    facts: { code: JobsErrorCode; retryable: boolean; hint: string; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retryable = facts.retryable;
    this.hint = facts.hint;
  }
}
