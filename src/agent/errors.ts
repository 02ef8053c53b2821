/** Kinds by what a person can do about them; public and documented, so only ever added to. */
export type AgentErrorCode =
  | "agent-unreachable"
  | "agent-timed-out"
  | "agent-certificate-changed"
  | "agent-token-refused"
  | "agent-busy"
  | "agent-restarted"
  | "agent-rejected"
  | "agent-answer-unreadable"
  | "agent-outcome-unknown"
  | "agent-version-changed"
  | "agent-command-failed"
  | "agent-coreos-invalid";

/** The one error of this room. Its message says what was asked of which agent; it never holds the token. */
export class AgentError extends Error {
  override readonly name = "AgentError";
  readonly code: AgentErrorCode;
  /** Whether the same look may succeed later without a person doing anything. */
  readonly retryable: boolean;
  readonly hint: string | undefined;
  /** The agent's own type of error, as `ImageChecksumError`, where it named one. */
  readonly agentType: string | undefined;

  constructor(
    message: string,
    facts: {
      code: AgentErrorCode;
      retryable: boolean;
      hint?: string | undefined;
      agentType?: string | undefined;
      cause?: unknown;
    },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retryable = facts.retryable;
    this.hint = facts.hint;
    this.agentType = facts.agentType;
  }
}
