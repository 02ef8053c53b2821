import { AgentError, type CommandResult, failureOf } from "../../agent/index.ts";
import { command, whileAway } from "../agent/command.ts";
import type { Parts } from "../parts.ts";
import { done, type Step, type StepContext, type StepResult } from "../step.ts";
import { deploymentOf } from "./known.ts";

type Needed = Pick<Parts, "agents" | "timing">;

/**
 * Makes the written disk start: a boot loader for partitions that the agent made, and an entry in UEFI's list. Firmware
 * finds most whole disks by itself, so that for those a failure is only told.
 */
export function installBootloader(parts: Needed): Step {
  return {
    name: "install-bootloader",
    async run(context) {
      try {
        return await settle(parts, context, await install(parts, context));
      } catch (error) {
        if (error instanceof AgentError && error.code === "agent-rejected" && isWholeDisk(context))
          return leaveIt(context, error);
        return whileAway(parts, context, error, "the agent to install the boot loader");
      }
    },
  };
}

const isWholeDisk = (context: StepContext): boolean =>
  deploymentOf(context).write?.image.kind !== "partition";

async function install(parts: Needed, context: StepContext): Promise<CommandResult> {
  const asked = { name: "standby.get_partition_uuids", params: {} };
  const { result } = await command(parts, context, `${context.step}/uuids`, asked);
  const { bootMode } = deploymentOf(context);
  const params = {
    root_uuid: result?.["root uuid"] ?? null,
    efi_system_part_uuid: result?.["efi system partition uuid"] ?? null,
    prep_boot_part_uuid: result?.["PReP Boot partition uuid"] ?? null,
    target_boot_mode: bootMode ?? (await context.node()).bootMode ?? "uefi",
    ignore_bootloader_failure: isWholeDisk(context),
  };
  return command(parts, context, context.step, { name: "image.install_bootloader", params });
}

async function settle(parts: Needed, context: StepContext, result: CommandResult): Promise<StepResult> {
  const failure = failureOf(result, "installing the boot loader");
  if (failure !== undefined && isWholeDisk(context)) return leaveIt(context, failure);
  if (failure !== undefined) throw failure;
  if (result.state === "succeeded") return done();
  const what = "the agent to install the boot loader";
  return { kind: "waiting", what, lookAgainMs: parts.timing.longestLookMs };
}

function leaveIt(context: StepContext, { message }: AgentError): StepResult {
  context.warn(`firmware has to find the disk by itself: ${message}`);
  return done();
}
