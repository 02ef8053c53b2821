import type { DeployEvent, PlannedStep } from "./events.ts";
import type { RecordState, RecordView, StepView } from "./record.ts";

/** From which state a record may go where; whatever is not here is illegal. */
const MOVES: Record<RecordState, readonly RecordState[]> = {
  queued: ["running", "cancelled"],
  running: ["succeeded", "failed", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
};

export function isFinal(state: RecordState): boolean {
  return MOVES[state].length === 0;
}

/** Folds events onto a view. The view given is not changed. */
export function foldAll(view: RecordView, events: readonly DeployEvent[]): RecordView {
  return events.reduce(fold, view);
}

/** The view that an `accepted` event begins. */
export function begin(id: string, event: DeployEvent & { type: "accepted" }): RecordView {
  return {
    id,
    kind: event.kind,
    node: event.node,
    state: "queued",
    version: event.seq,
    request: event.request,
    planVersion: event.planVersion,
    steps: event.plan.map(pending),
    step: null,
    waitingOn: null,
    evidence: [],
    warnings: [],
    callback: null,
    discPercent: 0,
    cancelRequested: null,
    clean: null,
    error: null,
    result: null,
    facts: {},
    intents: [],
    retryOf: event.retryOf,
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    ...("campaignId" in event ? { campaignId: event.campaignId } : {}),
    createdAt: event.at,
    startedAt: null,
    endedAt: null,
    lateSuccessAt: null,
  };
}

function pending(step: PlannedStep): StepView {
  return { ...step, state: "pending", startedAt: null, endedAt: null, attempts: 0 };
}

/** The steps that a step has planned stand behind it. */
function withPlanned(view: RecordView, event: DeployEvent & { type: "steps-planned" }): StepView[] {
  return view.steps.flatMap((step) =>
    step.name === event.step ? [step, ...event.steps.map(pending)] : [step],
  );
}

/**
 * One event onto a view: the only place where a record's state is made.
 *
 * @throws Error for an illegal move or a sequence with a hole, which is a defect of ours
 */
export function fold(view: RecordView, event: DeployEvent): RecordView {
  if (event.seq !== view.version + 1)
    throw new Error(`event ${event.seq} of ${view.id} does not follow ${view.version}`);
  return { ...view, ...changesBy(view, event), version: event.seq };
}

function changesBy(view: RecordView, event: DeployEvent): Partial<RecordView> {
  switch (event.type) {
    case "accepted":
      throw new Error(`${view.id} was accepted twice`);
    case "started":
      return { ...move(view, "running"), startedAt: event.at };
    case "step-started":
    case "step-waiting":
    case "step-done":
    case "step-skipped":
    case "step-retried":
    case "step-failed":
    case "step-retreated":
      return changesByStep(view, event);
    case "learned":
      return { facts: { ...view.facts, ...event.facts } };
    case "action-intended":
    case "action-accepted":
    case "action-answered":
      return { intents: intentsAfter(view, event) };
    case "evidence-found":
      return { evidence: [...view.evidence, { ...event.evidence, at: event.at }] };
    case "steps-planned":
      return { steps: withPlanned(view, event) };
    case "agent-refused":
      return { facts: { ...view.facts, agentRefused: { why: event.why, detail: event.detail } } };
    case "disc-read":
      return { discPercent: Math.max(view.discPercent, event.percent) };
    case "image-read":
      return { imagePercent: Math.max(view.imagePercent ?? 0, event.percent) };
    case "boot-progressed":
      return { bootProgress: { state: event.state, at: event.at } };
    case "called-back":
      return { callback: callbackAfter(view, event) };
    case "warned":
      return { warnings: [...view.warnings, event.message] };
    case "cancel-requested":
      return { cancelRequested: view.cancelRequested ?? { by: event.by, at: event.at } };
    case "late-success":
      return { lateSuccessAt: view.lateSuccessAt ?? event.at };
    default:
      return changesByEnd(view, event);
  }
}

function changesByEnd(
  view: RecordView,
  event: DeployEvent & { type: "succeeded" | "failed" | "cancelled" },
): Partial<RecordView> {
  return {
    ...move(view, event.type),
    clean: event.clean,
    error: event.type === "failed" ? event.error : null,
    result: event.type === "cancelled" ? null : event.result,
    step: null,
    waitingOn: null,
    endedAt: event.at,
  };
}

type StepEvent = Extract<
  DeployEvent,
  {
    type:
      | "step-started"
      | "step-waiting"
      | "step-done"
      | "step-skipped"
      | "step-retried"
      | "step-failed"
      | "step-retreated";
  }
>;

function changesByStep(view: RecordView, event: StepEvent): Partial<RecordView> {
  const { at, step } = event;
  switch (event.type) {
    case "step-started":
      return {
        step,
        waitingOn: null,
        steps: inStep(view, step, { state: "running", startedAt: at, attempts: event.attempt }),
      };
    case "step-waiting": {
      const since = view.waitingOn?.what === event.what ? view.waitingOn.since : at;
      const { what, until, cause, next } = event;
      return {
        waitingOn: { what, since, until, cause, next },
        steps: inStep(view, step, { state: "waiting" }),
      };
    }
    case "step-retried": {
      const attempts = view.steps.find((one) => one.name === step)!.attempts + 1;
      return { waitingOn: null, steps: inStep(view, step, { state: "running", attempts }) };
    }
    case "step-done":
      return {
        waitingOn: null,
        facts: { ...view.facts, ...event.facts },
        steps: inStep(view, step, { state: "done", endedAt: at }),
      };
    case "step-skipped":
      return { waitingOn: null, steps: inStep(view, step, { state: "skipped", endedAt: at }) };
    case "step-failed":
      return {
        waitingOn: null,
        // What failed first is what the deployment failed of; the clean-up can only warn.
        error: view.error ?? event.error,
        steps: inStep(view, step, { state: "failed", endedAt: at }),
      };
    case "step-retreated":
      return {
        waitingOn: null,
        facts: { ...view.facts, ...event.facts },
        steps: backTo(view, event.to, step),
        // A later rung announces its own actions; those of the rung left behind say nothing about them.
        intents: view.intents.filter((intent) => !isBetween(view, intent.step, event.to, step)),
      };
  }
}

function move(view: RecordView, to: RecordState): { state: RecordState } {
  if (!MOVES[view.state].includes(to)) throw new Error(`${view.id} must not go from ${view.state} to ${to}`);
  return { state: to };
}

function inStep(view: RecordView, name: string, changes: Partial<StepView>): StepView[] {
  return view.steps.map((step) => (step.name === name ? { ...step, ...changes } : step));
}

function backTo(view: RecordView, to: string, from: string): StepView[] {
  return view.steps.map((step) =>
    isBetween(view, step.name, to, from)
      ? { ...step, state: "pending", startedAt: null, endedAt: null }
      : step,
  );
}

function isBetween(view: RecordView, name: string, first: string, last: string): boolean {
  const position = (wanted: string) => view.steps.findIndex((step) => step.name === wanted);
  return position(name) >= position(first) && position(name) <= position(last);
}

function intentsAfter(
  view: RecordView,
  event: DeployEvent & { type: "action-intended" | "action-accepted" | "action-answered" },
): RecordView["intents"] {
  const { action, step, at } = event;
  if (event.type === "action-intended")
    return [...view.intents, { ...action, step, at, answeredAt: null, outcome: null }];
  const last = view.intents.findLastIndex(
    (intent) => intent.kind === action.kind && intent.target === action.target,
  );
  const change =
    event.type === "action-accepted"
      ? { monitor: event.monitor }
      : { answeredAt: at, outcome: event.outcome };
  return view.intents.map((intent, index) => (index === last ? { ...intent, ...change } : intent));
}

/** The first verdict decides; progress after it changes nothing. */
function callbackAfter(
  view: RecordView,
  event: DeployEvent & { type: "called-back" },
): RecordView["callback"] {
  const decided = view.callback?.status === "succeeded" || view.callback?.status === "failed";
  const { status, percent, message, at } = event;
  return decided ? view.callback : { status, percent, message, at };
}
