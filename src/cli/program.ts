import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { addAuditCommands } from "./commands/audit.ts";
import { addAgentImagesCommands } from "./commands/agent-images.ts";
import { addBackupCommands } from "./commands/backup.ts";
import { addCampaignCommands } from "./commands/campaign.ts";
import { addBlobCommands } from "./commands/blob.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addDeployCommand } from "./commands/deploy.ts";
import { addDeploymentCommands } from "./commands/deployment.ts";
import { addImageCommands } from "./commands/image.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addKeyCommands } from "./commands/key.ts";
import { addNodeCommands } from "./commands/node.ts";
import { addQueueCommand } from "./commands/queue.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addSimulateCommand } from "./commands/simulate.ts";
import { addTokenCommands } from "./commands/token.ts";
import { addWebhookCommands } from "./commands/webhook.ts";
import { OUTPUT_FORMATS, type Shell } from "./shell.ts";

const NOTES = `
A first deployment:
  trayload serve                                      in one terminal
  trayload node add rack1-u07 --bmc https://10.0.7.21 --username root
  trayload node preflight rack1-u07
  trayload deploy --node rack1-u07 --iso https://images.example/installer.iso --watch

Environment:
  TRAYLOAD_URL      the server; http://127.0.0.1:8080 unless told
  TRAYLOAD_TOKEN    the token; on the server's own machine, its admin token is found by itself
  NO_COLOR          no colours

Exit status:
  0 succeeded   1 failed or refused   2 usage   3 cancelled   4 server unreachable   5 watch timed out`;

/** All commands. @param words what was typed: what is costly to load is loaded only when it is wanted */
export async function createProgram(shell: Shell, words: readonly string[]): Promise<Command> {
  const program = new Command("trayload")
    .description(
      "Puts operating systems on bare metal through Redfish virtual media, and proves that they booted.",
    )
    .option("--json", "answer as JSON, for scripts; the same as --output json")
    .addOption(
      new Option("-o, --output <format>", "wide lists have more columns")
        .choices(OUTPUT_FORMATS)
        .default("table", "table"),
    )
    .option("--url <url>", "the server (TRAYLOAD_URL)")
    .version(version(), "-V, --version", "show the version")
    .helpOption("-h, --help", "show help")
    .addHelpText("after", NOTES)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Add --help to see what there is.")
    .exitOverride()
    .configureOutput(outputFor(shell));
  program.commandsGroup("Machines and deployments:");
  addDeployCommand(program, shell);
  addDeploymentCommands(program, shell);
  addCampaignCommands(program, shell);
  addNodeCommands(program, shell);
  addImageCommands(program, shell);
  addAgentImagesCommands(program, shell);
  addBlobCommands(program, shell);
  program.commandsGroup("Pipelines and access:");
  addWebhookCommands(program, shell);
  addTokenCommands(program, shell);
  addAuditCommands(program, shell);
  program.commandsGroup("Servers and labs:");
  addServeCommand(program, shell);
  addDoctorCommand(program, shell);
  addQueueCommand(program, shell);
  addBackupCommands(program, shell);
  addKeyCommands(program, shell);
  addDemoCommand(program, shell);
  await addSimulateCommand(program, shell, words.includes("simulate"));
  addCompletionCommand(program, shell);
  return program;
}

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function outputFor({ terminal, isJson }: Shell) {
  return {
    writeOut: (text: string) => terminal.out.write(text),
    writeErr: (text: string) => (isJson ? undefined : terminal.err.write(text)),
    getOutHelpWidth: () => terminal.out.columns,
    getErrHelpWidth: () => terminal.err.columns,
    getOutHasColors: () => terminal.out.hasColours,
    getErrHasColors: () => terminal.err.hasColours,
    outputError: (text: string) => {
      const message = text.trim().replace(/^error: /, "");
      terminal.err.write(isJson ? `${JSON.stringify({ error: { code: "usage", message } })}\n` : text);
    },
  };
}
