import { type CommandResult, failureOf } from "../../agent/index.ts";
import { isStoreAway } from "../errors.ts";
import { Fenced } from "../journal.ts";
import type { Parts } from "../parts.ts";
import type { StepContext, Waiting } from "../step.ts";
import { known, maybe } from "../steps/known.ts";
import { command } from "./command.ts";
import { ERASE_METADATA } from "./job.ts";
import { whyNot } from "./log.ts";
import { nodeInfo } from "./node-info.ts";

type Needed = Pick<Parts, "agents" | "timing">;

/** Wiping signatures takes seconds for each disk; the rest of the clean-up's time is for the BMC. */
const LIMIT_MS = 5 * 60_000;

/**
 * Has the agent wipe partition tables and file systems after a deployment that came to no good end, so that nothing
 * half-written is booted. Done once; what cannot be done is said in a warning, for the machine is to be switched off.
 *
 * @returns what to wait for
 */
export async function wipeDisks(parts: Needed, context: StepContext): Promise<Waiting | undefined> {
  if (maybe(context, "isWiped") !== undefined) return undefined;
  try {
    const result = await begin(parts, context);
    const failure = failureOf(result, "wiping its disks");
    if (failure !== undefined) throw failure;
    if (result.state === "running") return waitFor(parts, context);
    context.learn({ isWiped: true });
  } catch (error) {
    if (error instanceof Fenced || isStoreAway(error)) throw error;
    context.warn(`the disks were not wiped, because ${whyNot(error)}`);
    context.learn({ isWiped: false });
  }
  return undefined;
}

function begin(parts: Needed, context: StepContext): Promise<CommandResult> {
  const { interface: of, step } = ERASE_METADATA;
  return command(parts, context, `${context.step}/wipe`, async (boot) => ({
    name: "deploy.execute_deploy_step",
    params: {
      step: { interface: of, step, args: {}, priority: 0 },
      ...(await nodeInfo(context, boot)),
      deploy_version: known(context, "agentVersions"),
    },
  }));
}

function waitFor({ timing }: Needed, context: StepContext): Waiting {
  if (context.nowMs() - context.startedMs > LIMIT_MS)
    throw new Error(`the agent has not done it within ${LIMIT_MS / 60_000} minutes`);
  return {
    kind: "waiting",
    what: "the agent to wipe the disks",
    next: "the machine is switched off",
    lookAgainMs: timing.lookMs,
  };
}
