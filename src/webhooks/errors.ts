/** Kinds by what a person can do about them; public and documented, so only ever added to. */
export type WebhookErrorCode =
  | "webhook-not-found"
  | "delivery-not-found"
  /** The URL leads where webhooks may not go. */
  | "webhook-not-allowed"
  | "webhook-secret-invalid";

export interface WebhookErrorFacts {
  code: WebhookErrorCode;
  hint?: string;
  /** The field that is to be corrected, where it is one of the request. */
  field?: string;
  cause?: unknown;
}

/** The one error of this room. Its message never holds a secret, nor the query of a URL. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
  readonly code: WebhookErrorCode;
  readonly retryable = false;
  readonly hint: string | undefined;
  readonly field: string | undefined;

  constructor(message: string, facts: WebhookErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.hint = facts.hint;
    this.field = facts.field;
  }
}
