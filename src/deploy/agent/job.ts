import type { Node } from "../../nodes/index.ts";
import { type DeploymentInput, IntakeError } from "../input.ts";
import type { RequestSecrets } from "../request.ts";
import { masked } from "./mask.ts";

/** The agent's own step that writes an image. */
export const WRITE_IMAGE = "write_image";

/** When the agent's log is collected. */
export type CollectLogs = "on-failure" | "always" | "never";

/** One step of the agent as a caller writes it. */
export interface AgentStepInput {
  /** `deploy`, `raid`, `bios`, … */
  interface: string;
  step: string;
  args?: Record<string, unknown>;
  /** Higher ones run first; steps without one run in their order, before the disk is written. */
  priority?: number;
  timeoutMs?: number;
}

/** One step that the agent is asked to do. */
export interface AgentStepSpec {
  interface: string;
  step: string;
  /** With secrets masked; the whole ones are sealed. */
  args: Record<string, unknown>;
  priority: number;
  timeoutMs: number;
}

/** What the agent does in one deployment. */
export interface AgentJob {
  /** In the order in which they run. Empty for an inspection. */
  steps: AgentStepSpec[];
  collectLogs: CollectLogs;
  /** Set where the disks lose their metadata when the deployment comes to no good end. */
  cleansAfter?: true;
}

const HOUR_MS = 3_600_000;
/** Erasing whole disks takes a night; nothing else that an agent does takes an hour. */
const STEP_MS: Record<string, number> = { erase_devices: 24 * HOUR_MS, [WRITE_IMAGE]: 2 * HOUR_MS };
/** Before the write, which has Ironic's 80. */
const BEFORE_THE_WRITE = 90;
export const ERASE_METADATA: AgentStepInput = {
  interface: "deploy",
  step: "erase_devices_metadata",
  priority: 99,
};
const WRITE: AgentStepInput = { interface: "deploy", step: WRITE_IMAGE, priority: 80 };
/** Steps that put a system onto the disk; one that was asked for takes the place of the write. */
const INSTALLS = new Set([WRITE_IMAGE, "install_coreos", "start_assisted_install", "execute_bootc_install"]);
/** Steps of cleaning that leave all data where they are. */
const HARMLESS = new Set(["burnin_cpu", "burnin_gpu", "burnin_memory", "burnin_network", "erase_pstore"]);

/** What is cleaned without being asked for: the node's setting, unless the request has one of its own. */
export function cleaningOf(
  node: Pick<Node, "cleaning">,
  { cleaning }: Pick<DeploymentInput, "cleaning">,
): Node["cleaning"] {
  return { ...node.cleaning, ...cleaning };
}

/**
 * What the agent is to do for this request; undefined where none is needed.
 *
 * @param cleaning what is cleaned beside it
 * @throws IntakeError that names the field
 */
export function completeJob(input: DeploymentInput, cleaning: Node["cleaning"]): AgentJob | undefined {
  const { purpose = "deploy", agentSteps = [], collectLogs = "on-failure", confirm } = input;
  refuseCleaning(input);
  if (!needsAgent(input)) return undefined;
  if (purpose !== "deploy" && input.write !== undefined)
    throw new IntakeError(`purpose ${purpose} writes no disk image`, {
      code: "write-invalid",
      fields: [{ path: "write", message: "is for purpose deploy only" }],
    });
  if (purpose === "inspect" && agentSteps.length > 0)
    throw new IntakeError("an inspection has no steps", {
      code: "agent-steps-invalid",
      fields: [{ path: "agentSteps", message: "cannot be given with purpose inspect" }],
    });
  const steps = orderedSteps(input, cleaning);
  if (purpose === "clean") refuseUnconfirmed(steps, confirm);
  return {
    steps: steps.map((one) => ({ ...one, args: masked(one.args) })),
    collectLogs,
    ...(purpose === "deploy" && cleaning.after ? { cleansAfter: true } : {}),
  };
}

/** Only an agent can clean; a node's setting is for those deployments of it that have one. */
function refuseCleaning(input: DeploymentInput): void {
  const { purpose = "deploy", cleaning = {} } = input;
  const asked = (["before", "after"] as const).filter((when) => cleaning[when] === true);
  if (asked.length === 0 || (needsAgent(input) && purpose === "deploy")) return;
  throw new IntakeError("nothing is cleaned beside what this deployment does", {
    code: "agent-steps-invalid",
    hint: "Clean with purpose clean, or give something for the agent to do.",
    fields: asked.map((when) => ({ path: `cleaning.${when}`, message: "needs a write or agentSteps" })),
  });
}

/** Whether a request is one that an agent carries out. */
export function needsAgent({ purpose = "deploy", agentSteps = [], write }: DeploymentInput): boolean {
  return purpose !== "deploy" || agentSteps.length > 0 || write !== undefined;
}

/** Arguments as they were given, in the order of the job's steps; undefined where none of them is secret. */
export function secretArgsOf(
  input: DeploymentInput,
  cleaning: Node["cleaning"],
): RequestSecrets["agentArgs"] | undefined {
  const whole = orderedSteps(input, cleaning).map(({ args }) =>
    JSON.stringify(masked(args)) === JSON.stringify(args) ? null : args,
  );
  return whole.every((args) => args === null) ? undefined : whole;
}

/** All steps, with their arguments as they were given, in the order in which they run. */
function orderedSteps(input: DeploymentInput, cleaning: Node["cleaning"]): AgentStepSpec[] {
  const { purpose = "deploy", agentSteps = [], write } = input;
  const isDefault = purpose === "clean" && agentSteps.length === 0;
  const comesFirst = isDefault || (purpose === "deploy" && cleaning.before);
  const writes = write !== undefined && !agentSteps.some(({ step }) => INSTALLS.has(step));
  const asked = [...(comesFirst ? [ERASE_METADATA] : []), ...agentSteps, ...(writes ? [WRITE] : [])];
  return asked.map(complete).toSorted((a, b) => b.priority - a.priority);
}

function complete(given: AgentStepInput): AgentStepSpec {
  const { interface: of, step, args = {}, priority = BEFORE_THE_WRITE } = given;
  return { interface: of, step, args, priority, timeoutMs: given.timeoutMs ?? STEP_MS[step] ?? HOUR_MS };
}

function refuseUnconfirmed(steps: readonly AgentStepSpec[], confirm: boolean | undefined): void {
  const destroying = steps.filter(({ step }) => !HARMLESS.has(step)).map(({ step }) => step);
  if (destroying.length === 0 || confirm === true) return;
  throw new IntakeError(`${destroying.join(", ")} would destroy what is on the node's disks`, {
    code: "confirm-needed",
    hint: "Add confirm: true when that is meant.",
    fields: [{ path: "confirm", message: "must be true for steps that destroy data" }],
  });
}
