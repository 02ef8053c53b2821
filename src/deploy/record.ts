import type { ActionOutcome, Evidence, Facts, Failure, IntendedAction, PlannedStep } from "./events.ts";
import type { DeploymentRequest, OperationRequest } from "./request.ts";

export type RecordState = "queued" | "running" | "succeeded" | "failed" | "cancelled";

export interface StepView extends PlannedStep {
  state: "pending" | "running" | "waiting" | "done" | "skipped" | "failed";
  startedAt: string | null;
  endedAt: string | null;
  attempts: number;
}

export interface WaitingOn {
  what: string;
  since: string;
  until: string;
  cause: string | null;
  next: string | null;
}

/** An announced action and what became of its request. */
export interface Intent extends IntendedAction {
  step: string;
  at: string;
  /** Null while nothing is known of the request: its process may have died. */
  answeredAt: string | null;
  outcome: ActionOutcome | null;
  /** Where the BMC tells the end of the task by which it does this; absent where it made none. */
  monitor?: string;
}

/**
 * The fold of a record's events: what the API shows, and what the runner decides on. `facts` and `intents` are the
 * runner's memory and are not shown.
 */
export interface RecordView {
  id: string;
  kind: "deployment" | "operation";
  node: { id: string; name: string };
  state: RecordState;
  /** Sequence number of the last event. */
  version: number;
  request: DeploymentRequest | OperationRequest;
  planVersion: number;
  steps: StepView[];
  /** Name of the first unfinished step; null before the start and after the end. */
  step: string | null;
  waitingOn: WaitingOn | null;
  evidence: (Evidence & { at: string })[];
  warnings: string[];
  /** Last call-back, with the first verdict winning over later ones. */
  callback: { status: string; percent: number | null; message: string | null; at: string } | null;
  discPercent: number;
  /** Share of the disk image that the agent has read; absent before its first byte. */
  imagePercent?: number;
  /** How far the BMC said last that the boot was; absent where it says nothing. */
  bootProgress?: { state: string; at: string };
  cancelRequested: { by: string; at: string } | null;
  clean: boolean | null;
  error: Failure | null;
  result: unknown;
  facts: Facts;
  intents: Intent[];
  retryOf: string | null;
  /** The trace that it belongs to (W3C Trace Context); absent where whoever asked named none. */
  traceparent?: string;
  /** Absent where no campaign asked for it. */
  campaignId?: string;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  lateSuccessAt: string | null;
}
