import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { DeploymentAnswer, InventoryAnswer } from "../../client/index.ts";
import type { Shell } from "../shell.ts";
import { table } from "../words.ts";
import { addWatchOptions, showAccepted, type WatchChoice } from "./accepted.ts";
import { type AgentChoice, addAgentOptions, agentFields } from "./agent-steps.ts";

const CLEAN_EXAMPLES = `
Examples:
  trayload node clean rack1-u07 --confirm --watch                                 forget partitions and file systems
  trayload node clean rack1-u07 --agent-step deploy.erase_devices --confirm       erase all disks, which takes hours`;

/** What the agent does on a machine besides deploying it. */
export function addNodeAgentCommands(node: Command, shell: Shell): void {
  addInspect(node, shell);
  addClean(node, shell);
  node
    .command("inventory")
    .description("show what the last inspection found")
    .argument("<node>", "name or id")
    .action(async (idOrName: string) => {
      const path = `/v1/nodes/${encodeURIComponent(idOrName)}/inventory`;
      const { body } = await (await shell.connect()).call<InventoryAnswer>("GET", path);
      shell.show(body, () => inventoryLines(body));
    });
}

function addInspect(node: Command, shell: Shell): void {
  const inspect = node
    .command("inspect")
    .description("boot the agent to find out what a machine has; its system is stopped meanwhile")
    .argument("<node>", "name or id");
  addWatchOptions(inspect).action(async (idOrName: string, options: WatchChoice) =>
    submit(shell, { node: idOrName, purpose: "inspect" }, options),
  );
}

function addClean(node: Command, shell: Shell): void {
  const clean = node
    .command("clean")
    .description("boot the agent to clean a machine's disks")
    .argument("<node>", "name or id")
    .option("--confirm", "yes, what is on the disks may be destroyed");
  addAgentOptions(addWatchOptions(clean))
    .addHelpText("after", CLEAN_EXAMPLES)
    .action(async (idOrName: string, options: WatchChoice & AgentChoice & { confirm?: boolean }) => {
      const confirm = options.confirm === true ? { confirm: true } : {};
      const body = { node: idOrName, purpose: "clean", ...agentFields(options), ...confirm };
      await submit(shell, body, options);
    });
}

async function submit(shell: Shell, body: object, options: WatchChoice): Promise<void> {
  const client = await shell.connect();
  const sent = { body, idempotencyKey: randomUUID() };
  const { body: accepted } = await client.call<DeploymentAnswer>("POST", "/v1/deployments", sent);
  await showAccepted(shell, client, accepted, options);
}

const GIB = 2 ** 30;

function inventoryLines({ at, macs, rootDisks, mismatches }: InventoryAnswer): string[] {
  const disks = rootDisks.map(({ name, sizeBytes, serial, model }) => [
    `  ${name}`,
    `${Math.round(sizeBytes / GIB)} GiB`,
    serial ?? "-",
    model ?? "-",
  ]);
  return [
    `inspected at ${at}`,
    `MAC addresses: ${macs.join(", ") || "none"}`,
    disks.length === 0
      ? "no disk is large enough for a system"
      : "disks for a system, the agent's choice first:",
    ...table(disks),
    ...mismatches.map(({ field, recorded, found }) => `${field} is recorded as ${recorded}, and is ${found}`),
  ];
}
