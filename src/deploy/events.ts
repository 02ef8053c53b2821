import type { DeploymentRequest, OperationRequest } from "./request.ts";

/** One entry of a frozen plan. */
export interface PlannedStep {
  name: string;
  /** Milliseconds after which the step fails, counted from its start. */
  timeoutMs: number;
  /** The step that does it, where that has another name: several of a plan may be of one kind. */
  by?: string;
  /** What the agent is asked to do in it. */
  agent?: PlannedAgentStep;
}

/** One step of the agent, as it is shown. */
export interface PlannedAgentStep {
  interface: string;
  step: string;
  /** Secrets are masked. */
  args: Record<string, unknown>;
  priority: number;
  /** Its place among the steps that were asked for, where it was. */
  place: number;
}

/** What a failure says: the error's own code and message, and the messages of its causes. */
export interface Failure {
  code: string;
  message: string;
  hint: string | null;
  retryable: boolean;
  step: string | null;
  cause: string[];
}

export interface Evidence {
  what: string;
  how: string;
  strength: "strong" | "weak";
}

/** A change asked of a BMC or an agent, announced before it is sent. Never holds a secret: discs appear by id. */
export interface IntendedAction {
  kind:
    | "power-on"
    | "power-off"
    | "insert-media"
    | "eject-media"
    | "boot-override"
    | "boot-to-disk"
    | "secure-boot"
    | "media-switch"
    | "bmc-reset"
    | "agent-command";
  /** `@odata.id` of what is changed, or the agent's command. */
  target: string;
  discId?: string;
  /** Milliseconds within which the request is over, one way or the other. */
  limitMs: number;
}

/**
 * How the request of an announced action ended: `answered` with success, `refused` so that surely nothing was done, or
 * `unknown` when it may have acted all the same.
 */
export type ActionOutcome = "answered" | "refused" | "unknown";

/** Facts that a step learned and later steps need, by name; plain data, no secrets. */
export type Facts = Record<string, unknown>;

/** What happened, in order; `type` is past tense. Facts of one step travel in `step-done` or `learned`. */
export type EventBody =
  | {
      type: "accepted";
      kind: "deployment";
      node: { id: string; name: string };
      request: DeploymentRequest;
      plan: PlannedStep[];
      planVersion: number;
      retryOf: string | null;
      /** Id of the campaign that asked for it; absent where none did. */
      campaignId?: string;
      traceparent?: string;
    }
  | {
      type: "accepted";
      kind: "operation";
      node: { id: string; name: string };
      request: OperationRequest;
      plan: PlannedStep[];
      planVersion: number;
      retryOf: null;
      traceparent?: string;
    }
  | { type: "started" }
  | { type: "step-started"; step: string; attempt: number }
  | {
      type: "step-waiting";
      step: string;
      what: string;
      cause: string | null;
      next: string | null;
      until: string;
    }
  | { type: "step-done"; step: string; facts: Facts; detail: string | null }
  | { type: "step-skipped"; step: string; why: string }
  | { type: "step-retried"; step: string; error: Failure; inMs: number }
  | { type: "step-failed"; step: string; error: Failure }
  | { type: "step-retreated"; step: string; to: string; why: string; facts: Facts }
  | { type: "learned"; step: string; facts: Facts }
  | { type: "action-intended"; step: string; action: IntendedAction }
  /** The BMC does it by a task, whose end its monitor tells: a path of the BMC. */
  | { type: "action-accepted"; step: string; action: IntendedAction; monitor: string }
  | { type: "action-answered"; step: string; action: IntendedAction; outcome: ActionOutcome }
  | { type: "evidence-found"; step: string; evidence: Evidence }
  /** What the agent was found to be able to do is now part of the plan, behind the step that found it. */
  | { type: "steps-planned"; step: string; steps: PlannedStep[] }
  /** An agent's call was refused in a way that matters: it came back changed, or serves without TLS. */
  | { type: "agent-refused"; why: string; detail: string }
  | { type: "disc-read"; milestone: string; percent: number }
  | { type: "image-read"; percent: number }
  /** How far the BMC said the machine's boot was, seen when it was looked at anyway (BootProgress, ComputerSystem 1.13). */
  | { type: "boot-progressed"; step: string; state: string }
  | { type: "called-back"; status: string; percent: number | null; message: string | null }
  | { type: "warned"; step: string | null; message: string }
  | { type: "cancel-requested"; by: string }
  | { type: "succeeded"; clean: boolean; result: unknown }
  | { type: "failed"; error: Failure; clean: boolean; result: unknown }
  | { type: "cancelled"; clean: boolean }
  | { type: "late-success" };

/** An event as it is kept and shown. */
export type DeployEvent = EventBody & {
  /** Version of the event's shape, so that a later release can still fold it. */
  v: 1;
  /** Position within the record, from 1, without gaps. */
  seq: number;
  /** RFC 3339, the database's clock. */
  at: string;
};
