import type { DemoOptions } from "../commands/demo.ts";
import { createApiClient } from "../client.ts";
import { CommandError, EXIT } from "../exit.ts";
import type { Shell } from "../shell.ts";
import { deploy, prepare } from "./play.ts";
import { setStage, type Stage } from "./stage.ts";
import { tellEnd, tellNext, tellTruth, tellWhere } from "./tell.ts";

/** Plays one deployment from the empty lab to the proof, and sets the exit status by how it ended. */
export async function runDemo(shell: Shell, options: DemoOptions): Promise<void> {
  const startedMs = shell.terminal.nowMs();
  const stopped = Promise.withResolvers<void>();
  // From here on a Ctrl-C must leave time to clear up.
  const leave = shell.terminal.onInterrupt(() => {
    shell.exit(EXIT.interrupted);
    stopped.resolve();
  });
  let stage: Stage | undefined;
  try {
    stage = await setStage(options);
    await play(shell, stage);
    tellEnd(shell, startedMs);
    if (options.keep !== true) tellNext(shell);
    else await stay(shell, stage, stopped.promise);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // A profile that is none.
    throw new CommandError(error.message, { exit: EXIT.usage, code: "usage" });
  } finally {
    await stage?.clear();
    leave();
  }
}

/** Goes on only while nobody said stop. */
async function play(shell: Shell, stage: Stage): Promise<void> {
  const { apiUrl, admin } = stage.trayload;
  const client = createApiClient({ url: apiUrl, token: admin.token, tokenHint: "" });
  const [node] = await prepare(shell, stage, client);
  if (shell.status === EXIT.succeeded) await deploy(shell, stage, client, node!);
  if (shell.status === EXIT.succeeded) tellTruth(shell, stage.lab.bmcs[0]!);
}

/** Its exit status is that of the deployment: the Ctrl-C that ends a stay is no failure. */
async function stay(shell: Shell, stage: Stage, stopped: Promise<void>): Promise<void> {
  const { status } = shell;
  if (status === EXIT.interrupted) return;
  tellWhere(shell, stage);
  await stopped;
  shell.exit(status);
}
