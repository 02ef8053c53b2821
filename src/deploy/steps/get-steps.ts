import { failureOf } from "../../agent/index.ts";
import { jobOf, liveAgent } from "../agent/boot.ts";
import { command, whileAway } from "../agent/command.ts";
import { type AgentStepSpec, WRITE_IMAGE } from "../agent/job.ts";
import { nodeInfo } from "../agent/node-info.ts";
import { type Offer, readOffer, verbOf } from "../agent/offered.ts";
import { StepError } from "../errors.ts";
import type { PlannedStep } from "../events.ts";
import type { Parts } from "../parts.ts";
import { planRestart } from "../plan.ts";
import { done, type Step } from "../step.ts";
import { deploymentOf } from "./known.ts";

type Needed = Pick<Parts, "agents" | "timing">;

/** Asks the agent what it can do, and plans what was asked for, or fails before anything was changed. */
export function getSteps(parts: Needed): Step {
  return {
    name: "get-steps",
    async run(context) {
      const verb = verbOf(deploymentOf(context));
      try {
        const { boot } = await liveAgent(parts, context);
        const params = await nodeInfo(context, boot);
        const result = await command(parts, context, context.step, {
          name: `${verb}.get_${verb}_steps`,
          params,
        });
        const failure = failureOf(result, "telling its steps");
        if (failure !== undefined) throw failure;
        const offer = readOffer(result.result, verb);
        context.plan(planSteps(jobOf(context).steps, offer));
        return done({ agentVersions: offer.versions }, `${offer.steps.length} steps are offered`);
      } catch (error) {
        return whileAway(parts, context, error, "the agent to tell its steps");
      }
    },
  };
}

/** What is written by us is made to start; installers see to that themselves. */
const INSTALL_BOOTLOADER: PlannedStep = { name: "install-bootloader", timeoutMs: 15 * 60_000 };

/**
 * The steps of a job, each under a name of its own, with a restart behind those that ask for one. The boot loader comes
 * right behind the write: an agent that was started anew knows its partitions no more.
 *
 * @throws StepError `agent-step-unknown` for a step that this agent does not offer
 */
export function planSteps(asked: readonly AgentStepSpec[], offer: Offer): PlannedStep[] {
  const names = new Map<string, number>();
  const writtenAt = asked.findLastIndex(({ step }) => step === WRITE_IMAGE);
  return asked.flatMap((spec, place) => {
    const { timeoutMs, ...shown } = spec;
    const offered = offer.steps.find((one) => one.interface === spec.interface && one.step === spec.step);
    if (offered === undefined) throw unknownStep(spec, offer);
    const plain = `${spec.interface}.${spec.step}`;
    const count = (names.get(plain) ?? 0) + 1;
    names.set(plain, count);
    const name = count === 1 ? plain : `${plain}-${count}`;
    const step = { name, timeoutMs, by: "run-agent-step", agent: { ...shown, place } };
    // The last one's restart is the boot from the disk.
    const restarts = offered.rebootRequested && place < asked.length - 1;
    return [
      step,
      ...(place === writtenAt ? [INSTALL_BOOTLOADER] : []),
      ...(restarts ? planRestart(place + 2) : []),
    ];
  });
}

function unknownStep({ interface: of, step }: AgentStepSpec, { steps }: Offer): StepError {
  const offered = steps.map((one) => `${one.interface}.${one.step}`).join(", ");
  return new StepError(`the agent has no step ${of}.${step}`, {
    code: "agent-step-unknown",
    hint: `It offers ${offered === "" ? "none" : offered}. Others need an agent image with their hardware manager.`,
  });
}
