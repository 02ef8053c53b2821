import { encodeTime, ulid } from "ulid";
import type { DeployEvent, PlannedStep } from "./events.ts";
import { begin } from "./fold.ts";
import type { RecordView } from "./record.ts";
import type { DeploymentRequest, OperationAction, OperationRequest } from "./request.ts";
import type { NewRecord } from "./store.ts";

/** Raised when plans change their steps, so that a later release knows what an earlier one began. */
export const PLAN_VERSION = 2;

/** The step that runs also after failure and cancel. */
export const CLEAN_UP = "clean-up";

const MINUTE_MS = 60_000;

/**
 * The steps of a deployment, in order. Everything before power-off changes nothing at the BMC, so that what cannot succeed
 * fails there.
 */
export function planDeployment(request: DeploymentRequest): PlannedStep[] {
  return [
    ...UNTIL_PUBLISHED,
    ...(request.write === undefined ? [] : [{ name: "publish-image", timeoutMs: 60 * MINUTE_MS }]),
    ...untilBooted(request),
    ...stepsOfAgent(request),
    { name: "wait-for-finish", timeoutMs: request.timeoutMs },
    { name: CLEAN_UP, timeoutMs: request.agent === undefined ? 5 * MINUTE_MS : 15 * MINUTE_MS },
  ];
}

/** The first part of every deployment. */
const UNTIL_PUBLISHED: readonly PlannedStep[] = [
  { name: "check-request", timeoutMs: 2 * MINUTE_MS },
  { name: "open-bmc", timeoutMs: 5 * MINUTE_MS },
  { name: "publish-disc", timeoutMs: 60 * MINUTE_MS },
];

/** From here on the machine is touched. */
function untilBooted(request: DeploymentRequest): PlannedStep[] {
  const { secureBoot = "unchanged" } = request;
  return [
    { name: "power-off", timeoutMs: 5 * MINUTE_MS },
    ...(secureBoot === "unchanged" ? [] : [{ name: "set-secure-boot", timeoutMs: 30 * MINUTE_MS }]),
    { name: "insert-media", timeoutMs: 15 * MINUTE_MS },
    ...(mayNeedSecondDisc(request) ? [{ name: "insert-second-disc", timeoutMs: 15 * MINUTE_MS }] : []),
    { name: "boot-from-disc", timeoutMs: 10 * MINUTE_MS },
  ];
}

/** Servers with much memory take ten minutes to their first read, and the agent takes as long to start. */
export const WAIT_FOR_AGENT_MS = 45 * MINUTE_MS;

/**
 * What the agent does. Which steps it runs in a deployment is known only when it has told what it can do: `get-steps` puts
 * them behind itself.
 */
function stepsOfAgent({ purpose, agent }: DeploymentRequest): PlannedStep[] {
  if (agent === undefined) return [];
  const work = purpose === "inspect" ? "keep-inventory" : "get-steps";
  return [
    { name: "wait-for-agent", timeoutMs: WAIT_FOR_AGENT_MS },
    { name: work, timeoutMs: 5 * MINUTE_MS },
    { name: "tear-down", timeoutMs: 15 * MINUTE_MS },
    { name: "boot-from-disk", timeoutMs: 10 * MINUTE_MS },
  ];
}

/** A boot of the agent's disc anew, for a step that asks for one. @param place makes the names its own */
export function planRestart(place: number): PlannedStep[] {
  const again = ({ name, timeoutMs }: PlannedStep) => ({ name: `${name}-${place}`, timeoutMs, by: name });
  return [
    again({ name: "power-off", timeoutMs: 5 * MINUTE_MS }),
    again({ name: "boot-from-disc", timeoutMs: 10 * MINUTE_MS }),
    again({ name: "wait-for-agent", timeoutMs: WAIT_FOR_AGENT_MS }),
  ];
}

/** An ISO may have to stay as it is, which only its content tells. */
function mayNeedSecondDisc({ boot, disc, data = {}, agent }: DeploymentRequest): boolean {
  const hasData = Object.values(data).some((part) => part !== null);
  const hasOwn = disc.files.length > 0 || hasData || agent !== undefined;
  return "iso" in boot && hasOwn && disc.via !== "patch";
}

/** How long after its disc's time a record that looks after it may still try to eject. */
export const EJECT_GRACE_MS = 24 * 60 * MINUTE_MS;

function planOperation(action: OperationAction, timeoutMs: number): PlannedStep[] {
  const open = { name: "open-bmc", timeoutMs: 2 * MINUTE_MS };
  switch (action.kind) {
    case "power":
      return [open, { name: "set-power", timeoutMs }];
    case "eject":
      return [open, { name: "eject-media", timeoutMs }];
    case "bmc-reset":
      return [{ name: "reset-bmc", timeoutMs }];
    case "preflight":
      return [
        { name: "preflight", timeoutMs },
        ...(action.canary === true ? [{ name: "try-canary", timeoutMs }] : []),
      ];
    case "eject-when-due":
      return [
        { name: "recall-disc", timeoutMs: MINUTE_MS },
        { name: "eject-when-due", timeoutMs },
      ];
  }
}

/** Ids begin with the time of acceptance, so that they are in order of it. */
const idOf = (kind: RecordView["kind"], nowMs: number) => `${PREFIXES[kind]}${ulid(nowMs)}`;
const PREFIXES = { deployment: "dep_", operation: "op_" } as const;

/** What no id of a record is below that was accepted at `ms` (since 1970) or later. */
export function lowestId(kind: RecordView["kind"], ms: number): string {
  return `${PREFIXES[kind]}${encodeTime(Math.max(0, ms))}`;
}

interface Beginning {
  traceparent?: string | undefined;
  node: { id: string; name: string };
  nowMs: number;
}

/** A new deployment's record, not yet accepted. Secrets are added by whoever has them. */
export function newDeployment(
  request: DeploymentRequest,
  {
    node,
    nowMs,
    retryOf,
    traceparent,
    campaignId,
  }: Beginning & { retryOf: string | null; campaignId?: string | undefined },
): Pick<NewRecord, "view" | "event"> {
  const plan = planDeployment(request);
  const event = first(nowMs, {
    type: "accepted",
    kind: "deployment",
    node,
    request,
    plan,
    planVersion: PLAN_VERSION,
    retryOf,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(campaignId === undefined ? {} : { campaignId }),
  });
  return { event, view: begin(idOf("deployment", nowMs), event) };
}

const OPERATION_TIMEOUT_MS = 10 * MINUTE_MS;

/** A new operation's record, not yet accepted. */
export function newOperation(
  operation: OperationAction,
  { node, nowMs, traceparent, timeoutMs = OPERATION_TIMEOUT_MS }: Beginning & { timeoutMs?: number },
): Pick<NewRecord, "view" | "event"> {
  const request: OperationRequest = { nodeId: node.id, operation, timeoutMs };
  const plan = planOperation(operation, timeoutMs);
  const event = first(nowMs, {
    type: "accepted",
    kind: "operation",
    node,
    request,
    plan,
    planVersion: PLAN_VERSION,
    retryOf: null,
    ...(traceparent === undefined ? {} : { traceparent }),
  });
  return { event, view: begin(idOf("operation", nowMs), event) };
}

/** The record that looks after a disc which its deployment leaves in the slot. It takes the node only to eject. */
export function newEjectWhenDue(deployment: RecordView, nowMs: number, discTtlMs: number): NewRecord {
  const operation = { kind: "eject-when-due" as const, deploymentId: deployment.id };
  const timeoutMs = discTtlMs + EJECT_GRACE_MS;
  const { node, traceparent } = deployment;
  return {
    ...newOperation(operation, { node, nowMs, timeoutMs, traceparent }),
    sealedSecrets: null,
    callbackHash: null,
    node: "none",
  };
}

type Accepted = Extract<DeployEvent, { type: "accepted" }>;
type Unnumbered<Event> = Event extends unknown ? Omit<Event, "v" | "seq" | "at"> : never;

function first(nowMs: number, body: Unnumbered<Accepted>): Accepted {
  return { ...body, v: 1, seq: 1, at: new Date(nowMs).toISOString() } as Accepted;
}
