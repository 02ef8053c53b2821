import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { AuditAnswer, Head, Page } from "../../client/index.ts";
import { verifyAudit } from "../audit-chain.ts";
import type { ApiClient } from "../client.ts";
import { usageError } from "../exit.ts";
import { readPages } from "../pages.ts";
import type { Shell } from "../shell.ts";
import { parseCount, parseDuration, table } from "../words.ts";

const PAGE = 500;

const VERIFY_NOTES = `
Reckons every hash anew. Keep the head that it prints, away from the server: whoever can write to the database could write
the whole chain anew, and only a kept head shows that.

  trayload audit verify --head 4711:9f86d0…
  trayload audit export > audit.jsonl && trayload audit verify audit.jsonl`;

interface Filters {
  who?: string;
  action?: string;
  target?: string;
  outcome?: string;
  since?: number;
}

export function addAuditCommands(program: Command, shell: Shell): void {
  const audit = program.command("audit").description("who did what, when and from where");
  filtered(audit.command("list").description("show the newest entries"))
    .option("--limit <count>", "how many at most", parseCount(1, 100_000), 50)
    .action((options: Filters & { limit: number }) => list(shell, options));
  audit
    .command("export")
    .description("write all entries as lines of JSON, oldest first")
    .action(async () => {
      for await (const entry of readAll(await shell.connect())) shell.showLine(entry);
    });
  audit
    .command("verify")
    .description("see that no entry was changed, taken out or put in")
    .argument("[file]", "an export; the server's own entries unless told")
    .option("--head <seq:hash>", "a head that was kept: nothing up to it may have changed", parseHead)
    .addHelpText("after", VERIFY_NOTES)
    .action((file: string | undefined, { head }: { head?: Head }) => verify(shell, file, head));
}

function filtered(command: Command): Command {
  return command
    .option("--who <name>", "of a token")
    .option("--action <route>", "like 'PATCH /v1/nodes/{id}'")
    .option("--target <path>", "a path or its beginning, like /v1/nodes/rack1-u07")
    .addOption(new Option("--outcome <outcome>", "only these").choices(["done", "refused"]))
    .option("--since <duration>", "only of the last while, like 24h", parseDuration);
}

async function list(shell: Shell, { limit, since, ...filters }: Filters & { limit: number }): Promise<void> {
  const query = Object.entries(filters) as [string, string][];
  if (since !== undefined) query.push(["since", new Date(shell.terminal.nowMs() - since).toISOString()]);
  const page = await readPages<AuditAnswer>(await shell.connect(), "/v1/audit", query, limit);
  shell.show(page, () => auditLines(page));
}

function auditLines({ items, nextCursor }: Page<AuditAnswer>): string[] {
  if (items.length === 0) return ["No entry fits."];
  const rows = items.map(({ seq, at, who, from, action, target, outcome, code }) => [
    String(seq),
    at,
    who === null ? "-" : `${who.name} (${who.role})`,
    from,
    `${action.split(" ")[0]} ${target}`,
    code ?? outcome,
  ]);
  const more = nextCursor === null ? [] : ["There are older ones; --limit shows more."];
  return [...table([["SEQ", "WHEN", "WHO", "FROM", "WHAT", "OUTCOME"], ...rows]), ...more];
}

/** All entries, oldest first, without keeping them. */
async function* readAll(client: ApiClient): AsyncGenerator<AuditAnswer> {
  let cursor: string | null = "0";
  while (cursor !== null) {
    const path: string = `/v1/audit?order=oldest&limit=${PAGE}&cursor=${cursor}`;
    const { body }: { body: Page<AuditAnswer> } = await client.call<Page<AuditAnswer>>("GET", path);
    yield* body.items;
    cursor = body.nextCursor;
  }
}

async function* readExport(file: string): AsyncGenerator<AuditAnswer> {
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      yield JSON.parse(line) as AuditAnswer;
    } catch {
      throw usageError(`${file} is not an export: line ${index + 1} is not JSON`);
    }
  }
}

async function verify(shell: Shell, file: string | undefined, known: Head | undefined): Promise<void> {
  const entries = file === undefined ? readAll(await shell.connect()) : readExport(file);
  const verified = await verifyAudit(entries, known);
  const { head } = verified;
  shell.show(verified, () => [
    `${verified.entries} entries hold together`,
    ...(verified.cut === null ? [] : [`cut off before, by age: all up to ${verified.cut.seq}`]),
    ...(head === null ? [] : [`head ${head.seq}:${head.hash}`]),
  ]);
}

function parseHead(text: string): Head {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash };
  throw new InvalidArgumentError("Give SEQ:HASH, as an earlier verify printed it.");
}
