import type { Command } from "commander";
import type { NodeAnswer } from "../../client/index.ts";
import { usageError } from "../exit.ts";
import { readPages } from "../pages.ts";
import { readPassword } from "../password.ts";
import type { Shell } from "../shell.ts";
import { collect, parseCount, parseLabel, table } from "../words.ts";
import { addNodeActionCommands } from "./node-actions.ts";
import { addNodeAgentCommands } from "./node-agent.ts";
import { addNodeFileCommands } from "./node-files.ts";
import { addNodeOptions, defined, nodeFields, type NodeOptions } from "./node-options.ts";
import { NODE_HEAD, NODE_HEAD_WIDE, nodeDetails, nodeRow, nodeRowWide } from "./node-view.ts";

const ADD_EXAMPLES = `
Examples:
  trayload node add rack1-u07 --bmc https://10.0.7.21 --username root     (asks for the password)
  pass bmc/rack1-u07 | trayload node add rack1-u07 --bmc https://10.0.7.21 --username root --password-stdin
  TRAYLOAD_BMC_PASSWORD=… trayload node add lab1 --bmc http://127.0.0.1:8000 --username admin --label role=worker`;

const SET_EXAMPLES = `
Examples:
  trayload node set rack1-u07 --tls-pin sha256:0f3c…      take the BMC's self-signed certificate
  trayload node set rack1-u07 --label role=worker --remove-label old
  trayload node set rack1-u07 --password-stdin            a new password, asked for on a terminal
  trayload node set rack1-u07 --no-protected`;

export function addNodeCommands(program: Command, shell: Shell): void {
  const node = program.command("node").description("the machines and their BMCs");
  addAdd(node, shell);
  addSet(node, shell);
  addReads(node, shell);
  addNodeActionCommands(node, shell);
  addNodeAgentCommands(node, shell);
  addNodeFileCommands(node, shell);
}

function addAdd(node: Command, shell: Shell): void {
  const add = node
    .command("add")
    .description("add a machine by its BMC")
    .argument("<name>", "what you call it")
    .requiredOption("--bmc <url>", "address of the BMC")
    .requiredOption("--username <name>", "who logs in at the BMC")
    .option("--password-stdin", "read the BMC's password from the standard input");
  addNodeOptions(add).addHelpText("after", ADD_EXAMPLES);
  add.action(async (name: string, options: NodeOptions & { passwordStdin?: boolean }) => {
    const { bmc, username } = options;
    const fields = nodeFields(options);
    const question = `Password of ${username} at ${bmc}: `;
    const password = await readPassword(shell.terminal, options.passwordStdin === true, question);
    const body = {
      name,
      ...fields,
      ...defined({ labels: options.label }),
      bmc: { ...(fields.bmc as object), password },
    };
    const client = await shell.connect();
    const { body: added } = await client.call<NodeAnswer>("POST", "/v1/nodes", { body });
    shell.show(added, () => [
      `added ${added.name} (${added.id})`,
      `  next: trayload node preflight ${added.name}`,
    ]);
  });
}

type SetOptions = NodeOptions & { name?: string; passwordStdin?: boolean };

function addSet(node: Command, shell: Shell): void {
  const set = node
    .command("set")
    .description("change what is known of a machine; what is not said stays")
    .argument("<node>", "name or id")
    .option("--name <name>", "call it otherwise")
    .option("--bmc <url>", "address of the BMC")
    .option("--username <name>", "who logs in at the BMC")
    .option("--password-stdin", "read a new password from the standard input");
  addNodeOptions(set)
    .option("--remove-label <name>", "repeat it for several", collect)
    .option("--no-protected", "take deployments again")
    .option("--no-maintenance", "let it into campaigns again")
    .addHelpText("after", SET_EXAMPLES);
  set.action(async (idOrName: string, options: SetOptions) => {
    const fields: Record<string, unknown> = { ...defined({ name: options.name }), ...nodeFields(options) };
    if (options.passwordStdin === true) {
      const password = await readPassword(shell.terminal, true, `New password of ${idOrName}'s BMC: `);
      fields.bmc = { ...(fields.bmc as object | undefined), password };
    }
    const body = await change(shell, idOrName, fields, options);
    shell.show(body, () => [`changed ${body.name}`]);
  });
}

/** Labels are changed one by one, so they are read first; `If-Match` sees that nobody else changed them meanwhile. */
async function change(
  shell: Shell,
  idOrName: string,
  fields: Record<string, unknown>,
  { label, removeLabel = [] }: SetOptions,
): Promise<NodeAnswer> {
  const path = `/v1/nodes/${encodeURIComponent(idOrName)}`;
  const hasLabels = label !== undefined || removeLabel.length > 0;
  if (Object.keys(fields).length === 0 && !hasLabels) throw usageError("nothing to change was said");
  const client = await shell.connect();
  if (!hasLabels) return (await client.call<NodeAnswer>("PATCH", path, { body: fields })).body;
  const { body: now, etag } = await client.call<NodeAnswer>("GET", path);
  const kept = Object.entries({ ...now.labels, ...label }).filter(([name]) => !removeLabel.includes(name));
  const body = { ...fields, labels: Object.fromEntries(kept) };
  const headers: Record<string, string> = etag === null ? {} : { "if-match": etag };
  return (await client.call<NodeAnswer>("PATCH", path, { body, headers })).body;
}

function addReads(node: Command, shell: Shell): void {
  node
    .command("list")
    .description("list the machines")
    .option("--label <name=value>", "only those with this label; repeat it for several", parseLabel)
    .option("--limit <count>", "at most so many", parseCount(1, 1_000_000))
    .action(async ({ label = {}, limit }: { label?: Record<string, string>; limit?: number }) => {
      const query = Object.entries(label).map(
        ([name, value]) => ["label", `${name}:${value}`] as [string, string],
      );
      const page = await readPages<NodeAnswer>(await shell.connect(), "/v1/nodes", query, limit);
      shell.show(page, () =>
        page.items.length === 0
          ? ["no machines yet; trayload node add --help says how to add one"]
          : shell.isWide
            ? table([NODE_HEAD_WIDE, ...page.items.map(nodeRowWide)])
            : table([NODE_HEAD, ...page.items.map(nodeRow)]),
      );
    });
  node
    .command("show")
    .description("show all that is known of a machine")
    .argument("<node>", "name or id")
    .action(async (idOrName: string) => {
      const client = await shell.connect();
      const { body } = await client.call<NodeAnswer>("GET", `/v1/nodes/${encodeURIComponent(idOrName)}`);
      shell.show(body, () => nodeDetails(body));
    });
  node
    .command("remove")
    .description("forget a machine; nothing is done to it")
    .argument("<node>", "name or id")
    .action(async (idOrName: string) => {
      const client = await shell.connect();
      await client.call("DELETE", `/v1/nodes/${encodeURIComponent(idOrName)}`);
      shell.show({ removed: idOrName }, () => [`removed ${idOrName}`]);
    });
}
