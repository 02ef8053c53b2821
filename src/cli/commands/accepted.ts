import { type Command, Option } from "commander";
import type { DeploymentAnswer } from "../../client/index.ts";
import type { ApiClient } from "../client.ts";
import type { Shell } from "../shell.ts";
import { watchDeployment } from "../watch.ts";
import { parseDuration } from "../words.ts";

/** What becomes of a deployment that was just accepted. */
export interface WatchChoice {
  watch?: boolean;
  wait?: boolean;
  /** Milliseconds. */
  watchFor?: number;
}

export function addWatchOptions(command: Command): Command {
  return command
    .optionsGroup("Until the end:")
    .addOption(
      new Option("--watch", "show its progress; Ctrl-C stops watching, not the deployment").conflicts("wait"),
    )
    .option("--wait", "wait in silence and show the end")
    .option("--watch-for <duration>", "watch no longer than this; then exit status 5", parseDuration)
    .optionsGroup("Options:");
}

/** Watches it, waits for it, or says where it is to be seen. */
export async function showAccepted(
  shell: Shell,
  client: ApiClient,
  deployment: DeploymentAnswer,
  { watch, wait, watchFor }: WatchChoice,
): Promise<void> {
  const { id, node } = deployment;
  if (watch === true || wait === true || watchFor !== undefined) {
    if (!shell.isJson && wait !== true) shell.print(`deployment ${id} of ${node.name}`);
    return watchDeployment(shell, client, { id, isQuiet: wait === true, forMs: watchFor });
  }
  shell.show(deployment, () => [
    `accepted ${id} for ${node.name}`,
    `  watch it: trayload deployment watch ${id}`,
  ]);
}
