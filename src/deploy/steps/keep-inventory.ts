import { type AgentInspection, failureOf } from "../../agent/index.ts";
import { liveAgent } from "../agent/boot.ts";
import { command, whileAway } from "../agent/command.ts";
import { readInventory } from "../agent/inventory.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext } from "../step.ts";

type Needed = Pick<Parts, "agents" | "timing" | "inventories">;

/** Keeps what the agent found of the machine, and tells where the node's record says otherwise. */
export function keepInventory(parts: Needed): Step {
  return {
    name: "keep-inventory",
    async run(context) {
      try {
        const inspection = (await liveAgent(parts, context)).inspection ?? (await ask(parts, context));
        const at = new Date(context.nowMs()).toISOString();
        const node = await context.node();
        const found = readInventory(inspection, node, { deploymentId: context.view.id, at });
        await parts.inventories.save(found);
        if (inspection.error !== null) context.warn(`the agent's inspection went wrong: ${inspection.error}`);
        for (const { field, recorded, found: seen } of found.mismatches)
          context.warn(`${field} is recorded as ${recorded}, and the machine has ${seen}`);
        const { rootDisks, macs, mismatches } = found;
        const result = { rootDisks, macs, mismatches };
        return done({ result }, `${macs.length} interfaces, ${rootDisks.length} disks for a system`);
      } catch (error) {
        return whileAway(parts, context, error, "the agent to tell what the machine has");
      }
    },
  };
}

/** An agent that has posted nothing is asked for the same. */
async function ask(parts: Needed, context: StepContext): Promise<AgentInspection> {
  const asked = { name: "poll.get_hardware_info", params: {} };
  const result = await command(parts, context, context.step, asked);
  const failure = failureOf(result, "telling what the machine has");
  if (failure !== undefined) throw failure;
  return { inventory: result.result ?? {}, data: {}, logs: null, error: null };
}
