/** Kinds by what a person can do about them; public and documented, so only ever added to. */
export type CampaignErrorCode =
  | "campaign-not-found"
  | "campaign-finished"
  /** It still runs, has no failed node that was left alone since, or was retried already. */
  | "campaign-not-retryable"
  /** Some nodes cannot be deployed as asked; `nodes` says which, and why. */
  | "campaign-unfit"
  /** The selector found no node, or another number than was expected. */
  | "campaign-size-unexpected"
  | "campaign-nodes-missing";

/** The one error of this room. */
export class CampaignError extends Error {
  override readonly name = "CampaignError";
  readonly code: CampaignErrorCode;
  readonly retryable = false;
  readonly hint: string | undefined;
  /** Fields that are to be corrected; paths like `nodes[3]`. */
  readonly fields: { path: string; message: string }[];

  constructor(
    message: string,
    facts: { code: CampaignErrorCode; hint?: string; fields?: { path: string; message: string }[] },
  ) {
    super(message);
    this.code = facts.code;
    this.hint = facts.hint;
    this.fields = facts.fields ?? [];
  }
}
