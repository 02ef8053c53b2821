import type { Command } from "commander";
import type { NodeAnswer } from "../../client/index.ts";
import { CommandError, EXIT, usageError } from "../exit.ts";
import { readPages } from "../pages.ts";
import { PASSWORD_VARIABLE } from "../password.ts";
import type { Shell } from "../shell.ts";
import { readDocument } from "./document.ts";

const NOTES = `
The file is a list (or {"items": […]}) of nodes as POST /v1/nodes takes them, in JSON or YAML; "-" is the standard input.
A node without a password gets the one of ${PASSWORD_VARIABLE}. What is refused is told, and the rest is added.

Example:
  trayload node export > nodes.json
  TRAYLOAD_BMC_PASSWORD=… trayload node import nodes.json`;

/** What a person says of a node; the rest is seen or made. */
const NODE_FIELDS = [
  "name",
  "bmc",
  "arch",
  "bootMode",
  "macs",
  "site",
  "rack",
  "labels",
  "protected",
  "maintenance",
  "provisionUrl",
] as const;

type Entry = Record<string, unknown> & { name?: unknown; bmc?: Record<string, unknown> };

export function addNodeFileCommands(node: Command, shell: Shell): void {
  node
    .command("export")
    .description("write all machines as a file that import reads, without passwords")
    .action(async () => {
      const { items } = await readPages<NodeAnswer>(await shell.connect(), "/v1/nodes", []);
      shell.terminal.out.write(`${JSON.stringify({ items: items.map(inputOf) }, null, 2)}\n`);
    });
  node
    .command("import")
    .description("add machines from a file")
    .argument("<file>", "JSON or YAML; - for the standard input")
    .addHelpText("after", NOTES)
    .action(async (file: string) =>
      importNodes(shell, entriesOf(await readDocument(shell.terminal, file), file)),
    );
}

function inputOf(node: NodeAnswer): Record<string, unknown> {
  const { address, username, tls, systemId } = node.bmc;
  const taken = NODE_FIELDS.map((field) => [field, node[field]] as const);
  return { ...Object.fromEntries(taken), bmc: { address, username, tls, systemId } };
}

function entriesOf(document: unknown, file: string): Entry[] {
  const list = Array.isArray(document) ? document : (document as { items?: unknown } | null)?.items;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === "object" && entry !== null))
    throw usageError(`${file} holds no list of nodes`);
  return list as Entry[];
}

async function importNodes(shell: Shell, entries: Entry[]): Promise<void> {
  const client = await shell.connect();
  const password = shell.terminal.env[PASSWORD_VARIABLE];
  const results: { name: unknown; id: string | null; error: { code: string; message: string } | null }[] = [];
  for (const entry of entries) {
    const bmc = { ...(password ? { password } : {}), ...entry.bmc };
    try {
      const { body } = await client.call<NodeAnswer>("POST", "/v1/nodes", { body: { ...entry, bmc } });
      results.push({ name: entry.name, id: body.id, error: null });
    } catch (error) {
      if (!(error instanceof CommandError) || error.exit === EXIT.unreachable) throw error;
      const fields = error.fields.map(({ path, message }) => `; ${path} ${message}`).join("");
      results.push({
        name: entry.name,
        id: null,
        error: { code: error.code, message: error.message + fields },
      });
    }
  }
  const refused = results.filter(({ error }) => error !== null).length;
  shell.show({ items: results }, () => [
    ...results.map(
      ({ name, error }) =>
        `${error === null ? "added" : "refused"} ${String(name)}${error === null ? "" : `: ${error.message} (${error.code})`}`,
    ),
    `${results.length - refused} added, ${refused} refused`,
  ]);
  if (refused > 0) shell.exit(EXIT.failed);
}
