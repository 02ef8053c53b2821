import type { Node, NodeObserved } from "../nodes/index.ts";
import type { Bmc } from "../redfish/index.ts";
import type { StepErrorCode } from "./errors.ts";
import type { ActionOutcome, Facts, IntendedAction, PlannedStep } from "./events.ts";
import type { RecordView } from "./record.ts";
import type { RequestSecrets } from "./request.ts";
import type { NewRecord } from "./store.ts";

/** What a step returns; it never sleeps and never decides about its own retry. */
export type StepResult =
  | { kind: "done"; facts?: Facts; detail?: string }
  | { kind: "skipped"; why: string }
  | Waiting
  /** Back to an earlier step with another choice. */
  | { kind: "retreat"; to: string; why: string; facts: Facts };

export interface Waiting {
  kind: "waiting";
  /** In words that a person understands: "the BMC to show power on". */
  what: string;
  /** Why it is not so yet, as far as is known. */
  cause?: string;
  /** What happens when it is so. */
  next?: string;
  lookAgainMs: number;
  /** What the step fails of when its deadline passes while it still waits for this. */
  onTimeout?: { code: StepErrorCode; message: string; hint?: string };
}

/** What a step sees and may do. One context lives for one look of the runner. */
export interface StepContext {
  readonly view: RecordView;
  readonly facts: Facts;
  /** Name of the step. */
  readonly step: string;
  /** The database's clock, in milliseconds since 1970. */
  nowMs(): number;
  /** When this step began and when it has to be over, in milliseconds since 1970. */
  readonly startedMs: number;
  readonly deadlineMs: number;
  node(): Promise<Node>;
  bmc(): Promise<Bmc>;
  /** Forgets what this step has seen of its BMC, so that it sees it with its own eyes the next time. */
  lookAnew(): Promise<void>;
  secrets(): Promise<RequestSecrets>;
  observe(seen: Partial<NodeObserved>): Promise<void>;
  learn(facts: Facts): void;
  /** Puts steps behind this one. */
  plan(steps: PlannedStep[]): void;
  evidence(what: string, how: string, strength: "strong" | "weak"): void;
  warn(message: string): void;
  /** Announces a change; durable when it returns. The request may follow only then, and within `limitMs`. */
  intend(action: IntendedAction): Promise<void>;
  /** Keeps where the BMC tells the end of the task by which it does what was announced; durable when it returns. */
  accepted(action: IntendedAction, monitor: string): Promise<void>;
  answered(action: IntendedAction, outcome: ActionOutcome): void;
  /** Takes the node for a record that was accepted without it; false when another has it. */
  takeNode(): Promise<boolean>;
  /** Gives the node back before the end. */
  leaveNode(): Promise<void>;
  /** Wakes this record when something outside has changed. */
  nudge(about: string): void;
  /** A record to be accepted in the transaction that ends this one. */
  followUp(record: NewRecord): void;
}

/** One step: looks at the world, acts if something is to be done, and sees whether it is so. Safe to run twice. */
export interface Step {
  readonly name: string;
  run(context: StepContext): Promise<StepResult>;
}

export const done = (facts: Facts = {}, detail?: string): StepResult => ({
  kind: "done",
  facts,
  ...(detail === undefined ? {} : { detail }),
});
