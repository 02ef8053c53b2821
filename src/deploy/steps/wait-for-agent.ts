import { StepError } from "../errors.ts";
import { refusalOf } from "../inbox.ts";
import { bootIdOf } from "../agent/boot.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext, type Waiting } from "../step.ts";
import { known } from "./known.ts";
import { hasReadAnything } from "./sight.ts";
import { leaveUnread } from "./unread.ts";
import { noteFirstRead } from "./wait-for-finish.ts";

type Needed = Pick<Parts, "timing" | "readCounts" | "agents">;

/** Waits until the agent has reported from the machine, with its token. Its heartbeat wakes the record. */
export function waitForAgent(parts: Needed): Step {
  return {
    name: "wait-for-agent",
    async run(context) {
      const reads = await parts.readCounts.load(known(context, "disc").id);
      await noteFirstRead(context, reads);
      const seen = await parts.agents.boots.see(bootIdOf(context));
      const contact = seen?.boot.contact ?? null;
      if (contact !== null) {
        const how = `agent ${contact.version} reported from ${contact.callbackUrl}`;
        context.evidence("agent-heard", how, "strong");
        return done({}, how);
      }
      failIfRefused(context);
      const retreat = await leaveUnread(parts, context, reads);
      return retreat ?? waitOn(context, hasReadAnything(reads, Date.parse(known(context, "poweredOnAt"))));
    },
  };
}

/** Refusals of the machine's own agent that the next try will meet too. */
function failIfRefused(context: StepContext): void {
  const refusal = refusalOf(context.view);
  if (refusal?.why !== "tls-missing") return;
  throw new StepError(`the agent was refused: ${refusal.detail}`, {
    code: "agent-refused",
    hint: "Boot an agent that makes a certificate of its own (enable_auto_tls), as those of the last years do.",
  });
}

function waitOn(context: StepContext, hasRead: boolean): Waiting {
  const refusal = refusalOf(context.view);
  const cause = refusal === null ? {} : { cause: `the last call was refused: ${refusal.detail}` };
  const url = known(context, "provisionUrl");
  const advice = hasRead
    ? `The machine has read its disc. Look at its console; its network must reach ${url}.`
    : "Nothing was read from the disc. Check the machine's boot mode and boot order.";
  return {
    kind: "waiting",
    what: "the agent to report from the machine",
    ...cause,
    next: "the agent is asked what it can do",
    lookAgainMs: 30_000,
    onTimeout: {
      code: "agent-not-heard",
      message: `no agent has reported${refusal === null ? "" : `; the last call was refused: ${refusal.detail}`}`,
      hint: advice,
    },
  };
}
