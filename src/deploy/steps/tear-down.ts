import { AgentError, failureOf } from "../../agent/index.ts";
import { endAgent, jobOf } from "../agent/boot.ts";
import { command } from "../agent/command.ts";
import { keepAgentLog } from "../agent/log.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext } from "../step.ts";
import { bringOurDiscOut } from "./eject.ts";
import { known, maybe } from "./known.ts";
import { bringPower } from "./power.ts";

type Needed = Pick<Parts, "agents" | "timing" | "seals" | "exposures" | "blobs" | "store">;

/** Takes the agent down: its log where it was asked for, what it has in memory onto the disks, power off, disc out. */
export function tearDown(parts: Needed): Step {
  return {
    name: "tear-down",
    async run(context) {
      if (maybe(context, "isSynced") !== true) {
        if (jobOf(context).collectLogs === "always") await keepAgentLog(parts, context);
        await sync(parts, context);
      }
      const waiting =
        (await bringPower(parts, context, known(context, "bmc"), "off")) ??
        (await bringOurDiscOut(parts, context));
      if (waiting !== undefined) return waiting;
      await endAgent(parts, context);
      return done({ tornDownAt: new Date(context.nowMs()).toISOString() });
    },
  };
}

/** An agent that cannot do it, or has gone already, keeps nobody from switching the machine off. */
async function sync(parts: Needed, context: StepContext): Promise<void> {
  try {
    const result = await command(parts, context, `${context.step}/sync`, {
      name: "standby.sync",
      params: {},
    });
    const failure = failureOf(result, "writing out its caches");
    if (failure !== undefined) throw failure;
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    context.warn(`the agent did not write out its caches: ${error.message}`);
  }
  context.learn({ isSynced: true });
}
