import type { ExtendedMessage } from "./extended-info.ts";

/** Kinds by what a person can do about them; public and documented, so only ever added to. */
export type RedfishErrorCode =
  | "bmc-unreachable"
  | "bmc-certificate-untrusted"
  | "bmc-certificate-changed"
  | "bmc-access-denied"
  | "bmc-busy"
  | "bmc-unsupported"
  | "bmc-rejected"
  | "bmc-timed-out"
  | "bmc-answer-unreadable"
  | "bmc-not-found"
  | "bmc-failed";

/** Facts that a `RedfishError` carries beside its message. */
export interface RedfishErrorFacts {
  code: RedfishErrorCode;
  /** Whether the same step may succeed later without a person doing anything. */
  retryable: boolean;
  /** What a person can do next. */
  hint?: string | undefined;
  /** HTTP status, where the BMC answered at all. */
  status?: number | undefined;
  /** The BMC's own messages, most specific first as it sent them. */
  messages?: readonly ExtendedMessage[] | undefined;
  /** Milliseconds the BMC asked us to wait. */
  retryAfterMs?: number | undefined;
  /** False when the request surely did not reach the BMC, so that it may be sent again. */
  mayHaveActed?: boolean;
  /** True when no attempt was made at all, since earlier ones have failed. */
  wasHeldBack?: boolean;
  /** `sha256:…` of the certificate that was offered, for TLS errors. */
  fingerprint?: string | undefined;
  cause?: unknown;
}

/** The one error of this room. Its message says what was tried, on what; it never holds a credential. */
export class RedfishError extends Error {
  override readonly name = "RedfishError";
  readonly code: RedfishErrorCode;
  readonly retryable: boolean;
  readonly hint: string | undefined;
  readonly status: number | undefined;
  readonly messages: readonly ExtendedMessage[];
  readonly retryAfterMs: number | undefined;
  readonly mayHaveActed: boolean;
  readonly wasHeldBack: boolean;
  readonly fingerprint: string | undefined;

  constructor(message: string, facts: RedfishErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retryable = facts.retryable;
    this.hint = facts.hint;
    this.status = facts.status;
    this.messages = facts.messages ?? [];
    this.retryAfterMs = facts.retryAfterMs;
    this.mayHaveActed = facts.mayHaveActed ?? false;
    this.wasHeldBack = facts.wasHeldBack ?? false;
    this.fingerprint = facts.fingerprint;
  }

  /** The same error, of a change that the BMC has taken by then. */
  afterActing(): RedfishError {
    return this.#with(true);
  }

  /** The same error, of a change that this BMC surely has not made. */
  beforeActing(): RedfishError {
    return this.#with(false);
  }

  /** The same error, of a BMC that has refused for now. */
  asBusy(): RedfishError {
    return this.#with(false, { code: "bmc-busy", retryable: true });
  }

  #with(mayHaveActed: boolean, change: Partial<RedfishErrorFacts> = {}): RedfishError {
    const { code, retryable, hint, status, messages, retryAfterMs, fingerprint, cause } = this;
    const facts = { code, retryable, hint, status, messages, retryAfterMs, fingerprint, cause };
    return new RedfishError(this.message, { ...facts, mayHaveActed, ...change });
  }
}

const FOR_GOOD = new Set<RedfishErrorCode>(["bmc-rejected", "bmc-unsupported", "bmc-not-found"]);

/** Whether the BMC will never do what it was asked in this way: only another way can help. */
export function isRefusedForGood(error: unknown): error is RedfishError {
  return error instanceof RedfishError && FOR_GOOD.has(error.code);
}
