/** Kinds by what a person can do about them; public and documented, so only ever added to. */
export type NodeErrorCode =
  | "node-not-found"
  | "node-name-in-use"
  /** Another node has this BMC, and the two do not name different systems. */
  | "bmc-in-use"
  | "node-version-stale"
  | "node-deploying"
  | "node-field-invalid"
  /** Sealed under a key that is not there, for another record, or damaged. */
  | "secret-unreadable"
  | "master-key-invalid";

export interface NodeErrorFacts {
  code: NodeErrorCode;
  /** Whether the same call may succeed later without a person doing anything; false unless told. */
  retryable?: boolean;
  /** What a person can do next. */
  hint?: string;
  /** Fields that are to be corrected; paths like `bmc.address`. */
  fields?: { path: string; message: string }[];
  /** Id of the node, deployment or operation that is in the way. */
  inTheWay?: string;
  cause?: unknown;
}

/** The one error of this room. Its message says what was tried, on what; it never holds a secret. */
export class NodeError extends Error {
  override readonly name = "NodeError";
  readonly code: NodeErrorCode;
  readonly retryable: boolean;
  readonly hint: string | undefined;
  readonly fields: { path: string; message: string }[];
  readonly inTheWay: string | undefined;

  constructor(message: string, facts: NodeErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retryable = facts.retryable ?? false;
    this.hint = facts.hint;
    this.fields = facts.fields ?? [];
    this.inTheWay = facts.inTheWay;
  }
}
