import { type Command, Option } from "commander";
import type { NodeAnswer } from "../../client/index.ts";
import type { ApiClient } from "../client.ts";
import { parseCsv, showCsv } from "../csv.ts";
import { CommandError, EXIT, usageError } from "../exit.ts";
import { COLUMNS, entriesOfTable, type NodeEntry, rowOfNode } from "../node-table.ts";
import { readPages } from "../pages.ts";
import { PASSWORD_VARIABLE } from "../password.ts";
import type { Shell } from "../shell.ts";
import { table } from "../words.ts";
import { parseDocument, readSource } from "./document.ts";

const NOTES = `
The file is a list (or {"items": […]}) of nodes as POST /v1/nodes takes them, in JSON or YAML, or a table in CSV; "-" is the
standard input. Columns of a table: ${COLUMNS.slice(0, 8).join(", ")},
${COLUMNS.slice(8).join(", ")}; several MACs, and labels as NAME=VALUE, stand between blanks.
A node without a password gets the one of ${PASSWORD_VARIABLE}. What is refused is told, and the rest is added. With --dry-run
the server judges each node's fields, name and BMC, and nothing is added.

Examples:
  trayload node export > nodes.json
  trayload node export --format csv > nodes.csv
  trayload node import --dry-run nodes.csv
  TRAYLOAD_BMC_PASSWORD=… trayload node import nodes.json`;

const FORMATS = ["json", "yaml", "csv"] as const;
type Format = (typeof FORMATS)[number];

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

export function addNodeFileCommands(node: Command, shell: Shell): void {
  node
    .command("export")
    .description("write all machines as a file that import reads, without passwords")
    .addOption(new Option("--format <format>", "of the file").choices(FORMATS).default("json"))
    .action(async ({ format }: { format: Format }) => {
      const { items } = await readPages<NodeAnswer>(await shell.connect(), "/v1/nodes", []);
      shell.terminal.out.write(await exportOf(items, format));
    });
  node
    .command("import")
    .description("add machines from a file")
    .argument("<file>", "JSON, YAML or CSV; - for the standard input")
    .addOption(
      new Option("--format <format>", "of the file; found by its name and content unless told").choices(
        FORMATS,
      ),
    )
    .option("--dry-run", "only say what would become of each")
    .addHelpText("after", NOTES)
    .action(async (file: string, { format, dryRun }: { format?: Format; dryRun?: boolean }) => {
      const text = await readSource(shell.terminal, file);
      const name = file === "-" ? "the standard input" : file;
      await importNodes(
        shell,
        entriesOf(await parse(text, name, format ?? formatOf(file, text)), name),
        dryRun === true,
      );
    });
}

async function exportOf(items: NodeAnswer[], format: Format): Promise<string> {
  if (format === "csv") return showCsv(COLUMNS, items.map(rowOfNode));
  const document = { items: items.map(inputOf) };
  if (format === "json") return `${JSON.stringify(document, null, 2)}\n`;
  const { stringify } = await import("yaml");
  return stringify(document);
}

function inputOf(node: NodeAnswer): Record<string, unknown> {
  const { address, username, tls, systemId } = node.bmc;
  const taken = NODE_FIELDS.map((field) => [field, node[field]] as const);
  return { ...Object.fromEntries(taken), bmc: { address, username, tls, systemId } };
}

/** A table begins with the names of its columns, which neither of the others does. */
function formatOf(file: string, text: string): Format {
  if (file.endsWith(".csv")) return "csv";
  const [first = ""] = text.trimStart().split("\n");
  return /^"?name"?\s*,/.test(first) || /,\s*"?name"?\s*(,|$)/.test(first) ? "csv" : "yaml";
}

async function parse(text: string, name: string, format: Format): Promise<unknown> {
  if (format !== "csv") return parseDocument(text, name);
  try {
    return entriesOfTable(parseCsv(text), name);
  } catch (error) {
    throw error instanceof CommandError
      ? error
      : usageError(`${name} is not CSV: ${(error as Error).message}`);
  }
}

function entriesOf(document: unknown, file: string): NodeEntry[] {
  const list = Array.isArray(document) ? document : (document as { items?: unknown } | null)?.items;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === "object" && entry !== null))
    throw usageError(`${file} holds no list of nodes`);
  return list as NodeEntry[];
}

/** What became of one row of the file, or would. */
interface Outcome {
  row: number;
  name: unknown;
  id: string | null;
  error: { code: string; message: string } | null;
}

async function importNodes(shell: Shell, entries: NodeEntry[], isTrial: boolean): Promise<void> {
  const client = await shell.connect();
  const password = shell.terminal.env[PASSWORD_VARIABLE];
  const outcomes: Outcome[] = [];
  const seen = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    const bmc = { ...(password ? { password } : {}), ...entry.bmc };
    const outcome = await add(client, { ...entry, bmc }, isTrial);
    // What only would be added is in nobody's way yet.
    const before = isTrial ? seen.get(String(entry.name)) : undefined;
    const twice = { code: "node-name-in-use", message: `row ${before} has this name, too` };
    outcomes.push({
      row: index + 1,
      name: entry.name,
      ...(before === undefined ? outcome : { id: null, error: twice }),
    });
    seen.set(String(entry.name), seen.get(String(entry.name)) ?? index + 1);
  }
  tell(shell, outcomes, isTrial);
}

async function add(
  client: ApiClient,
  body: NodeEntry,
  isTrial: boolean,
): Promise<Pick<Outcome, "id" | "error">> {
  try {
    const path = isTrial ? "/v1/nodes?dryRun=true" : "/v1/nodes";
    const reply = await client.call<NodeAnswer>("POST", path, { body });
    return { id: isTrial ? null : reply.body.id, error: null };
  } catch (error) {
    if (!(error instanceof CommandError) || error.exit === EXIT.unreachable) throw error;
    const fields = error.fields.map(({ path, message }) => `; ${path} ${message}`).join("");
    return { id: null, error: { code: error.code, message: error.message + fields } };
  }
}

function tell(shell: Shell, outcomes: Outcome[], isTrial: boolean): void {
  const refused = outcomes.filter(({ error }) => error !== null).length;
  const [added, not] = isTrial ? ["would be added", "would be refused"] : ["added", "refused"];
  shell.show({ items: outcomes, dryRun: isTrial }, () => [
    ...table(
      outcomes.map(({ row, name, error }) => [
        String(row),
        error === null ? added : not,
        `${String(name)}${error === null ? "" : `: ${error.message} (${error.code})`}`,
      ]),
    ),
    `${outcomes.length - refused} ${added}, ${refused} ${not}`,
  ]);
  if (refused > 0) shell.exit(EXIT.failed);
}
