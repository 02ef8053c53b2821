import type { AgentBoot } from "../../agent/index.ts";
import type { StepContext } from "../step.ts";
import { jobOf } from "./boot.ts";
import { type AgentJob, ERASE_METADATA } from "./job.ts";

const cleansFirst = ({ steps }: AgentJob): boolean => steps.some(({ step }) => step === ERASE_METADATA.step);

/** A node and its ports as commands carry them: they replace what the agent knew of both. */
export interface NodeInfo {
  node: Record<string, unknown>;
  ports: { address: string }[];
}

/** @param instanceInfo what a step reads of the node beside what the agent knows of it anyway */
export async function nodeInfo(
  context: StepContext,
  boot: AgentBoot,
  instanceInfo: Record<string, unknown> = {},
): Promise<NodeInfo> {
  const node = await context.node();
  return {
    node: {
      uuid: boot.nodeUuid,
      properties: boot.node.properties,
      instance_info: { ...boot.node.instanceInfo, ...instanceInfo },
      driver_internal_info: {},
      // Steps of the CoreOS agent read it: only when it is not false do they delete software RAIDs.
      automated_clean: cleansFirst(jobOf(context)),
    },
    ports: node.macs.map((address) => ({ address })),
  };
}
