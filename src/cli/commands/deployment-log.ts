import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { Shell } from "../shell.ts";
import { deploymentId } from "./deployment.ts";

/** `deployment agent-log`: the bundle that the agent made of its logs, into a file. */
export function addLogCommand(deployment: Command, shell: Shell, which: string): void {
  deployment
    .command("agent-log")
    .description("save the agent's log of a deployment, a gzip'd tar")
    .argument("<deployment>", which)
    .option("--out <file>", "where to; the deployment's id with .tar.gz unless told")
    .action(async (asked: string, { out }: { out?: string }) => {
      const client = await shell.connect();
      const id = await deploymentId(client, asked);
      const bytes = await client.download(`/v1/deployments/${id}/agent-log`);
      const file = out ?? `${id}-agent.tar.gz`;
      await writeFile(file, bytes, { mode: 0o600 });
      shell.show({ file, sizeBytes: bytes.length }, () => [`${file}: ${bytes.length} bytes`]);
    });
}
