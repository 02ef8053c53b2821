import { type CommandResult, failureOf } from "../../agent/index.ts";
import { command, whileAway } from "../agent/command.ts";
import { instanceInfo, readsNode } from "../agent/instance-info.ts";
import { nodeInfo } from "../agent/node-info.ts";
import { verbOf } from "../agent/offered.ts";
import { argsOf } from "../agent/step-args.ts";
import { StepError } from "../errors.ts";
import type { PlannedAgentStep } from "../events.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext, type StepResult } from "../step.ts";
import type { FetchedParts } from "../read-parts.ts";
import { fetchImages } from "./fetch-images.ts";
import { deploymentOf, known } from "./known.ts";

type Needed = Pick<Parts, "agents" | "timing" | "seals" | "blobs" | "images">;

/** Has the agent do one step and follows it to its end. The agent reports when it is done, which wakes the record. */
export function runAgentStep(parts: Needed): Step {
  return {
    name: "run-agent-step",
    async run(context) {
      const planned = plannedOf(context);
      const what = `the agent to end ${context.step}`;
      const fetched = readsNode(planned.step)
        ? await fetchImages(parts, context, "the agent is asked")
        : { parts: new Map() };
      if ("waiting" in fetched) return fetched.waiting;
      try {
        return follow(parts, context, await begin(parts, context, planned, fetched.parts), what);
      } catch (error) {
        return whileAway(parts, context, error, what);
      }
    },
  };
}

function plannedOf({ view, step }: StepContext): PlannedAgentStep {
  const planned = view.steps.find(({ name }) => name === step)?.agent;
  if (planned !== undefined) return planned;
  throw new StepError(`${step} is no step of an agent`, { code: "internal-error" });
}

function begin(
  parts: Needed,
  context: StepContext,
  { place, interface: of, step, priority }: PlannedAgentStep,
  fetched: FetchedParts,
): Promise<CommandResult> {
  const verb = verbOf(deploymentOf(context));
  return command(parts, context, context.step, async (boot) => {
    const params = {
      step: { interface: of, step, args: await argsOf(parts, context, place), priority },
      ...(await nodeInfo(context, boot, await instanceInfo(parts, context, step, fetched))),
      [`${verb}_version`]: known(context, "agentVersions"),
    };
    return { name: `${verb}.execute_${verb}_step`, params };
  });
}

function follow({ timing }: Needed, context: StepContext, result: CommandResult, what: string): StepResult {
  const failure = failureOf(result, `the step ${context.step}`);
  if (failure !== undefined) throw failure;
  if (result.state === "succeeded") return done();
  const limitS = Math.round((context.deadlineMs - context.startedMs) / 1000);
  return {
    kind: "waiting",
    what,
    // Each time as long as it has gone on: the agent reports its end, so that a look is for reports that went astray.
    lookAgainMs: Math.min(timing.agentLookMs, Math.max(timing.lookMs, context.nowMs() - context.startedMs)),
    onTimeout: {
      code: "agent-step-timed-out",
      message: `the agent did not end ${context.step} within ${limitS} s`,
      hint: "Give the step a longer timeoutMs where it only needs more time. While it is at it, the agent gives no log: look at the machine's console.",
    },
  };
}
