import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import type { DeploymentAnswer } from "../../client/index.ts";
import { usageError } from "../exit.ts";
import type { Shell } from "../shell.ts";
import { parseDuration, parseLabel } from "../words.ts";
import { type AgentChoice, addAgentOptions, agentFields } from "./agent-steps.ts";
import { addWatchOptions, showAccepted, type WatchChoice } from "./accepted.ts";
import { readDocument } from "./document.ts";
import { addWriteOptions, imageUrl, writeOf, type WriteOptions } from "./deploy-write.ts";
import { defined } from "./node-options.ts";

/** The variable that a call-back secret is given in, since other users can read command lines. */
const CALLBACK_VARIABLE = "TRAYLOAD_CALLBACK_SECRET";

const NOTES = `
Succeeded means, by --finish:
  powered-on   the power was read back on after our reset
  disc-read    after that, the boot image and more were read from the disc (the default)
  os-running   the BMC's boot progress says so
  powered-off  the machine read the disc and switched itself off
  agent        the agent has done all, and the disk is booted (the default with --image)
  callback     the installer posted to its call-back path; its secret comes in ${CALLBACK_VARIABLE}

Examples:
  trayload deploy --node rack1-u07 --iso https://images.example/installer.iso --watch
  trayload deploy --node rack1-u07 --iso https://images.example/firmware.iso --finish powered-off --wait --json
  trayload deploy --node rack1-u07 --agent-step deploy.install_coreos --collect-logs always --watch
  trayload deploy --node rack1-u07 --image https://images.example/debian.qcow2 --root-device serial=S4EVNX0 --watch
  trayload deploy --from deployment.yaml --idempotency-key "$CI_JOB_ID" --watch --watch-for 90m

The file of --from holds a deployment as POST /v1/deployments takes it; options win over it.`;

/** One of these says what is to be done; without a boot, the agent is booted for the others. */
const WORK = ["boot", "write", "agentSteps", "purpose"];

interface DeployOptions extends WatchChoice, AgentChoice, WriteOptions {
  node?: string;
  iso?: string;
  checksum?: string;
  from?: string;
  finish?: string;
  eject?: string;
  bootPolicy?: string;
  secureBoot?: string;
  bootMode?: string;
  power?: string;
  whenBusy?: string;
  timeout?: number;
  discTtl?: number;
  label?: Record<string, string>;
  idempotencyKey?: string;
}

export function addDeployCommand(program: Command, shell: Shell): void {
  const deploy = program
    .command("deploy")
    .description("boot a machine from an ISO, or have the agent write its disk, and prove that it booted")
    .option("--node <node>", "name or id")
    .option("--iso <url>", "https://…, http://…, or a file that the server may read")
    .option("--checksum <checksum>", "of the ISO: sha256:…, or bare hex")
    .option("--from <file>", "the whole deployment as JSON or YAML; - for the standard input");
  addWriteOptions(deploy);
  addAgentOptions(addWatchOptions(deploy))
    .optionsGroup("How:")
    .addOption(
      new Option("--finish <when>", "when it has succeeded").choices([
        "powered-on",
        "disc-read",
        "os-running",
        "powered-off",
        "callback",
        "agent",
      ]),
    )
    .addOption(
      new Option("--eject <when>", "when the disc leaves the slot").choices([
        "when-booted",
        "on-reboot",
        "on-callback",
        "at-end",
        "never",
      ]),
    )
    .addOption(
      new Option("--secure-boot <how>", "set and proven before the disc is booted, or refused").choices([
        "required",
        "forbidden",
        "unchanged",
      ]),
    )
    .addOption(
      new Option("--boot-policy <policy>", "boot the disc once, or until it is ejected").choices([
        "once",
        "persistent",
      ]),
    )
    .addOption(new Option("--boot-mode <mode>", "the node's unless told").choices(["uefi", "bios"]))
    .addOption(new Option("--power <state>", "final power").choices(["on", "off"]))
    .addOption(
      new Option("--when-busy <what>", "while another deployment has the node").choices(["reject", "queue"]),
    )
    .option("--timeout <duration>", "give up the deployment after this", parseDuration)
    .option(
      "--disc-ttl <duration>",
      "keep a disc that is not ejected for so long after the end",
      parseDuration,
    )
    .option("--label <name=value>", "a label of your own; repeat it for several", parseLabel)
    .option("--idempotency-key <key>", "the same key never makes a second deployment")
    .addHelpText("after", NOTES)
    .action(async (options: DeployOptions) => {
      const body = await requestOf(shell, options);
      const client = await shell.connect();
      // With a key of its own, a request whose answer was lost can be sent again.
      const idempotencyKey = options.idempotencyKey ?? randomUUID();
      const { body: accepted } = await client.call<DeploymentAnswer>("POST", "/v1/deployments", {
        body,
        idempotencyKey,
      });
      await showAccepted(shell, client, accepted, options);
    });
}

async function requestOf(shell: Shell, options: DeployOptions): Promise<Record<string, unknown>> {
  const file = options.from === undefined ? {} : await readDocument(shell.terminal, options.from);
  if (typeof file !== "object" || file === null || Array.isArray(file))
    throw usageError(`${options.from} does not hold a deployment`);
  const given = file as Record<string, unknown> & {
    boot?: { iso?: object };
    labels?: object;
    write?: object;
  };
  const { node, iso, checksum, finish, eject, bootPolicy, bootMode, secureBoot, power, whenBusy } = options;
  const callbackSecret = shell.terminal.env[CALLBACK_VARIABLE] || undefined;
  const image = defined({ url: iso === undefined ? undefined : imageUrl("--iso", iso), checksum });
  const body = {
    ...given,
    ...defined({ node, finish, eject, bootPolicy, bootMode, secureBoot, power, whenBusy, callbackSecret }),
    ...agentFields(options),
    ...defined({ timeoutMs: options.timeout, discTtlMs: options.discTtl }),
    ...(options.label === undefined ? {} : { labels: { ...given.labels, ...options.label } }),
    ...(Object.keys(image).length === 0
      ? {}
      : { boot: { ...given.boot, iso: { ...given.boot?.iso, ...image } } }),
    ...writeOf(options, given),
  };
  if (!("node" in body)) throw usageError("--node is missing: which machine is to be deployed?");
  if (!WORK.some((field) => field in body))
    throw usageError("--iso or --image is missing: what is to be booted, or written?");
  return body;
}
