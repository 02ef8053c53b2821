import type * as z from "zod";
import type { DeploymentRequest, OperationRequest, RecordView, StepView } from "../../deploy/index.ts";
import { isFinal } from "../records.ts";
import type { Progress, shownDeployment, shownRequest } from "../schemas/deployment.ts";
import type { shownOperation } from "../schemas/operation.ts";

/** What deployments and operations show alike; `facts` and `intents` are the runner's memory and stay inside. */
function presentRecord(view: RecordView) {
  const { id, node, state, version, step, error, createdAt, startedAt, endedAt } = view;
  const steps = view.steps.map(
    ({ name, state: stepState, startedAt: from, endedAt: to, attempts, timeoutMs, agent }) => ({
      name,
      state: stepState,
      startedAt: from,
      endedAt: to,
      attempts,
      timeoutMs,
      ...(agent === undefined ? {} : { agent: presentAgentStep(agent) }),
    }),
  );
  return {
    id,
    node,
    state,
    final: isFinal(view),
    version,
    step,
    steps,
    waitingOn: view.waitingOn ?? awaitedAnswer(view),
    error,
    createdAt,
    startedAt,
    endedAt,
    traceparent: view.traceparent ?? null,
  };
}

/** A step that is not parked may still wait: some BMCs answer an insert when they have read the whole disc. */
function awaitedAnswer({ state, step, intents }: RecordView): RecordView["waitingOn"] {
  const last = intents.at(-1);
  if (state !== "running" || last === undefined || last.step !== step || last.answeredAt !== null)
    return null;
  const { kind, at, limitMs } = last;
  if (kind === "agent-command") return null;
  const until = new Date(Date.parse(at) + limitMs).toISOString();
  return { what: `the BMC's answer to ${kind}`, since: at, until, cause: null, next: null };
}

function presentAgentStep({ place: _place, ...shown }: NonNullable<StepView["agent"]>) {
  return shown;
}

export function presentDeployment(
  view: RecordView,
  progress: Progress | null,
): z.input<typeof shownDeployment> {
  const { evidence, warnings, callback, cancelRequested, clean, retryOf, lateSuccessAt } = view;
  return {
    ...presentRecord(view),
    progress,
    bootProgress: view.bootProgress ?? null,
    evidence,
    warnings,
    callback,
    cancelRequested,
    clean,
    request: { node: view.node.name, ...presentRequest(view.request as DeploymentRequest) },
    retryOf,
    campaign: view.campaignId ?? null,
    lateSuccessAt,
  };
}

/** What was asked, without the node. */
export function presentRequest(asked: DeploymentRequest): Omit<z.input<typeof shownRequest>, "node"> {
  const { nodeId: _, disc, data = {}, secureBoot = "unchanged", ...request } = asked;
  const { label: discLabel, via: ownVia = "auto", ...own } = disc;
  return { ...request, secureBoot, ...own, ...data, ownVia, discLabel };
}

export function presentOperation(view: RecordView): z.input<typeof shownOperation> {
  const { operation } = view.request as OperationRequest;
  return {
    ...presentRecord(view),
    kind: operation.kind,
    action: operation.kind === "power" ? operation.action : null,
    result: view.result ?? null,
  };
}
