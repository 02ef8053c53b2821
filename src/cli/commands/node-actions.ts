import { Argument, type Command } from "commander";
import type { Finding, OperationAnswer } from "../../client/index.ts";
import type { ApiClient } from "../client.ts";
import { EXIT } from "../exit.ts";
import { exitOf, failureLines, forNode } from "../outcome.ts";
import type { Shell } from "../shell.ts";
import { defined } from "./node-options.ts";

/** How long the server is asked to hold one answer. */
const HELD_MS = 30_000;
const PREFLIGHT_EXAMPLES = `
Examples:
  trayload node preflight rack1-u07
  trayload node preflight rack1-u07 --iso https://images.example/installer.iso
  trayload node preflight rack1-u07 --canary

Exit status 1 when a check failed; warnings are none.`;

interface PreflightOptions {
  iso?: string;
  checksum?: string;
  canary?: true;
}

export function addNodeActionCommands(node: Command, shell: Shell): void {
  node
    .command("preflight")
    .description("check whether a machine could be deployed, without changing it")
    .argument("<node>", "name or id")
    .option("--iso <url>", "check this image's source too")
    .option("--checksum <checksum>", "of the image")
    .option("--canary", "put a small disc into an empty slot for a moment, and see whether it is read")
    .addHelpText("after", PREFLIGHT_EXAMPLES)
    .action(async (idOrName: string, { iso, checksum, canary }: PreflightOptions) => {
      const boot = iso === undefined ? undefined : { iso: { url: iso, ...defined({ checksum }) } };
      const body = defined({ boot, canary });
      const operation = await operate(await shell.connect(), idOrName, "preflight", body);
      const findings = Array.isArray(operation.result) ? (operation.result as Finding[]) : [];
      const failed = findings.filter(({ outcome }) => outcome === "fail").length;
      shell.show(operation, () => [
        ...findingLines(shell, findings, operation.node.name),
        ...(operation.error === null ? [verdict(operation.node.name, failed)] : endLines(operation)),
      ]);
      shell.exit(failed === 0 ? exitOf(operation.state) : EXIT.failed);
    });
  node
    .command("power")
    .description("switch a machine on or off")
    .argument("<node>", "name or id")
    .addArgument(
      new Argument("<action>", "off asks the system, force-off does not").choices([
        "on",
        "off",
        "force-off",
        "restart",
        "power-cycle",
      ]),
    )
    .action(async (idOrName: string, action: string) => report(shell, idOrName, "power", { action }));
  node
    .command("eject")
    .description("take the disc out of a machine's slot")
    .argument("<node>", "name or id")
    .action(async (idOrName: string) => report(shell, idOrName, "media/eject", {}));
  node
    .command("reset-bmc")
    .description("restart the BMC of a machine, which goes on meanwhile: a remedy for one that is stuck")
    .argument("<node>", "name or id")
    .requiredOption("--yes", "that it is meant: all machines of the BMC lose it for minutes")
    .action(async (idOrName: string) => report(shell, idOrName, "bmc/reset", { confirm: true }));
}

async function report(shell: Shell, idOrName: string, path: string, body: object): Promise<void> {
  const operation = await operate(await shell.connect(), idOrName, path, body);
  shell.show(operation, () => endLines(operation));
  shell.exit(exitOf(operation.state));
}

/** Asks for an operation and stays until it has ended; each has its own deadline on the server. */
async function operate(
  client: ApiClient,
  idOrName: string,
  path: string,
  body: object,
): Promise<OperationAnswer> {
  const asked = `/v1/nodes/${encodeURIComponent(idOrName)}/${path}?waitMs=${HELD_MS}`;
  let { body: operation } = await client.call<OperationAnswer>("POST", asked, { body, heldMs: HELD_MS });
  while (!operation.final) {
    const held = `/v1/operations/${operation.id}?waitMs=${HELD_MS}&until=final`;
    operation = (await client.call<OperationAnswer>("GET", held, { heldMs: HELD_MS })).body;
  }
  return operation;
}

function endLines({ state, kind, action, node, error }: OperationAnswer): string[] {
  const what = action === null ? kind : `${kind} ${action}`;
  return [`${what} of ${node.name}: ${state}`, ...(error === null ? [] : failureLines(error, node.name))];
}

function verdict(node: string, failed: number): string {
  if (failed === 0) return `${node} can be deployed`;
  return `${node} cannot be deployed as it is: ${failed === 1 ? "a check" : `${failed} checks`} failed`;
}

const COLOURS = { pass: "green", warn: "yellow", fail: "red", skip: "dim" } as const;

function findingLines({ paint }: Shell, findings: Finding[], node: string): string[] {
  return findings.flatMap(({ check, outcome, detail, hint }) => [
    `${paint(COLOURS[outcome], outcome)}  ${check}: ${detail}`,
    ...(hint ? [`      ${forNode(hint, node)}`] : []),
  ]);
}
