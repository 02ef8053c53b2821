import { type Command, InvalidArgumentError, Option } from "commander";
import type { CreatedTokenAnswer, TokenAnswer } from "../../client/index.ts";
import type { Shell } from "../shell.ts";
import { parseDuration, parseLabel, table } from "../words.ts";

const ROLES = ["viewer", "operator", "admin", "auditor"];

const CREATE_NOTES = `
The token is shown this once. Programs are given it as TRAYLOAD_TOKEN, people log in to the dashboard with it.

  trayload token create pipeline --role operator --scope team=red --expires 90d
  trayload token create night-watch --role viewer`;

interface CreateOptions {
  role: string;
  scope?: Record<string, string>;
  expires?: number;
}

export function addTokenCommands(program: Command, shell: Shell): void {
  const token = program.command("token").description("who may use the API, and for what");
  token
    .command("create")
    .description("make a token, which is shown this once")
    .argument("<name>", "shown wherever it is told who did something")
    .addOption(new Option("--role <role>", "what it is for").choices(ROLES).makeOptionMandatory())
    .option("--scope <name=value>", "only nodes with this label; repeat it for several", parseLabel)
    .option("--expires <duration>", "until when, like 90d; without an end unless told", parseEnd)
    .addHelpText("after", CREATE_NOTES)
    .action((name: string, options: CreateOptions) => create(shell, name, options));
  token
    .command("list")
    .description("show the tokens that are not revoked, without themselves")
    .action(async () => {
      const { body } = await (await shell.connect()).call<{ items: TokenAnswer[] }>("GET", "/v1/tokens");
      shell.show(body, () => tokenLines(body.items));
    });
  token
    .command("revoke")
    .description("end a token, and the sessions that were begun with it")
    .argument("<token>", "id or name")
    .action(async (idOrName: string) => {
      await (await shell.connect()).call("DELETE", `/v1/tokens/${encodeURIComponent(idOrName)}`);
      shell.show({ revoked: idOrName }, () => [`${idOrName} is revoked`]);
    });
}

function parseEnd(text: string): number {
  const ms = parseDuration(text);
  if (ms > 0) return ms;
  throw new InvalidArgumentError("A token must last for a while.");
}

async function create(
  shell: Shell,
  name: string,
  { role, scope = {}, expires }: CreateOptions,
): Promise<void> {
  const expiresAt = expires === undefined ? null : new Date(shell.terminal.nowMs() + expires).toISOString();
  const body = { name, role, scope, expiresAt };
  const reply = await (await shell.connect()).call<CreatedTokenAnswer>("POST", "/v1/tokens", { body });
  shell.show(reply.body, () => [reply.body.token]);
  // Beside the result, so that the result can be taken as it is.
  if (!shell.isJson)
    shell.note(`${name} (${role}) until ${expiresAt ?? "it is revoked"}; the token is not shown again.`);
}

function tokenLines(items: TokenAnswer[]): string[] {
  if (items.length === 0) return ["There is none but the first admin token."];
  const rows = items.map(({ name, role, scope, expiresAt, lastUsedAt, createdBy }) => [
    name,
    role,
    Object.entries(scope)
      .map(([label, value]) => `${label}=${value}`)
      .join(",") || "-",
    expiresAt ?? "never",
    lastUsedAt ?? "never",
    createdBy,
  ]);
  return table([["NAME", "ROLE", "SCOPE", "ENDS", "LAST USED", "MADE BY"], ...rows]);
}
