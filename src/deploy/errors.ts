import { AgentError, type AgentErrorCode } from "../agent/index.ts";
import { ImageError, type ImageErrorCode } from "../images/index.ts";
import { NodeError, type NodeErrorCode } from "../nodes/index.ts";
import { RedfishError, type RedfishErrorCode } from "../redfish/index.ts";
import type { Failure } from "./events.ts";

/** Kinds of failure that only a deployment can have; public and documented, so only ever added to. */
export type StepErrorCode =
  | "action-not-seen"
  | "agent-lost"
  | "agent-not-heard"
  | "agent-refused"
  | "agent-step-timed-out"
  | "agent-step-unknown"
  | "blob-not-found"
  | "bmc-at-work"
  | "boot-override-not-kept"
  | "deployment-timed-out"
  | "disc-not-reached"
  | "disc-not-read"
  | "finish-unsupported"
  | "installer-failed"
  | "internal-error"
  | "media-not-inserted"
  | "node-in-use"
  | "node-not-found"
  | "part-too-large"
  | "power-not-reached"
  | "provision-url-loopback"
  | "provision-url-missing"
  | "restored-from-backup"
  | "secure-boot-not-set"
  | "secure-boot-unsupported"
  | "server-exhausted"
  | "slot-not-found"
  | "step-timed-out";

/** All that a deployment or operation can fail of. */
export type FailureCode = AgentErrorCode | StepErrorCode | RedfishErrorCode | ImageErrorCode | NodeErrorCode;

/** A step's own failure. */
export class StepError extends Error {
  override readonly name = "StepError";
  readonly code: StepErrorCode;
  readonly retryable: boolean;
  readonly hint: string | undefined;

  constructor(
    message: string,
    facts: { code: StepErrorCode; retryable?: boolean; hint?: string; cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.retryable = facts.retryable ?? false;
    this.hint = facts.hint;
  }
}

type Known = AgentError | StepError | RedfishError | ImageError | NodeError;

function isKnown(error: unknown): error is Known {
  return [AgentError, StepError, RedfishError, ImageError, NodeError].some((known) => error instanceof known);
}

/**
 * What the record says of an error; one that no room threw on purpose is our defect and is told as such, and what this
 * process has run out of says nothing of the machine, its BMC or its image.
 */
export function toFailure(error: unknown, step: string | null): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const cause = causesOf(error);
  const errno = exhaustionIn(error);
  if (errno !== undefined) {
    const hint =
      "Give Trayload more open files (LimitNOFILE, ulimit -n) or memory, or deploy fewer machines at once.";
    return { code: "server-exhausted", message: `${message} (${errno})`, hint, retryable: true, step, cause };
  }
  if (isKnown(error))
    return { code: error.code, message, hint: error.hint ?? null, retryable: error.retryable, step, cause };
  const hint = "This is a defect of Trayload; its log holds the details.";
  return { code: "internal-error", message, hint, retryable: false, step, cause };
}

/** Whether a person should look into our log for this one. */
export function isDefect(error: unknown): boolean {
  return !isKnown(error);
}

/**
 * Whether what keeps records, nodes or sessions is away for now, which no room that a step knows has said: nothing is
 * wrong with the deployment then.
 */
export function isStoreAway(error: unknown): boolean {
  return error instanceof Error && !isKnown(error) && (error as { retryable?: unknown }).retryable === true;
}

/** Of open files and memory. */
const EXHAUSTED: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"]);

/** The errno of what this process has run out of, whatever became of that on its way here; undefined for all else. */
function exhaustionIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return withCauses(error).find(({ code }) => EXHAUSTED.has(code ?? ""))?.code;
}

/** Longer chains than these are circles. */
const CAUSES_MOST = 8;

function withCauses(error: Error): NodeJS.ErrnoException[] {
  const chain: NodeJS.ErrnoException[] = [];
  for (let at: unknown = error; at instanceof Error && chain.length <= CAUSES_MOST; at = at.cause)
    chain.push(at);
  return chain;
}

/** Milliseconds that the failing side asked us to wait; undefined where it did not. */
export function askedToWaitMs(error: unknown): number | undefined {
  return error instanceof RedfishError || error instanceof ImageError ? error.retryAfterMs : undefined;
}

function causesOf(error: unknown): string[] {
  return error instanceof Error
    ? withCauses(error)
        .slice(1)
        .map(({ message }) => message)
    : [];
}
