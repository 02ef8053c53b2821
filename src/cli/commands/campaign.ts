import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import type { CampaignAnswer, CampaignNodeAnswer, Page } from "../../client/index.ts";
import { CAMPAIGN_HEAD, campaignDetails, campaignRow } from "../campaign-lines.ts";
import { watchCampaign } from "../campaign-watch.ts";
import type { ApiClient } from "../client.ts";
import { CommandError, EXIT } from "../exit.ts";
import { readPages } from "../pages.ts";
import type { Shell } from "../shell.ts";
import { parseCount, parseDuration, table } from "../words.ts";
import { addWatchOptions, type WatchChoice } from "./accepted.ts";
import { addCampaignCreate, showMade } from "./campaign-create.ts";

const WHICH = "its id, or its name for the newest of that name";
const STATES = ["running", "paused", "cancelling", "succeeded", "failed", "cancelled"];
const NODE_STATES = ["waiting", "running", "succeeded", "failed", "cancelled", "skipped"];

const RETRY_NOTES = `
It has the name, the request and the limits of the old one. Machines that were deployed since are left out. A campaign is
retried once; what fails again is retried by retrying the retry, which has the same name:
  trayload campaign retry noble-2026-11 --watch`;

export function addCampaignCommands(program: Command, shell: Shell): void {
  const campaign = program.command("campaign").description("many deployments under one policy");
  addCampaignCreate(campaign, shell);
  addReads(campaign, shell);
  addWatch(campaign, shell);
  addChange(campaign, shell, "pause", "let no more deployments begin; those that were begun go on");
  addChange(campaign, shell, "resume", "go on, also after failures that you have looked at");
  addCancel(campaign, shell);
  addRetry(campaign, shell);
}

interface ListOptions {
  state?: string[];
  name?: string;
  limit: number;
}

function addReads(campaign: Command, shell: Shell): void {
  campaign
    .command("list")
    .description("list campaigns, newest first")
    .addOption(new Option("--state <states...>", "only those").choices(STATES))
    .option("--name <name>", "only those of this name")
    .option("--limit <count>", "at most so many", parseCount(1, 1_000_000), 50)
    .action(async ({ state, name, limit }: ListOptions) => {
      const query = [
        ...stateQuery(state),
        ...(name === undefined ? [] : [["name", name] as [string, string]]),
      ];
      const page = await readPages<CampaignAnswer>(await shell.connect(), "/v1/campaigns", query, limit);
      const rows = page.items.map((item) => campaignRow(item, shell.terminal.nowMs()));
      shell.show(page, () => (rows.length === 0 ? ["no campaigns"] : table([CAMPAIGN_HEAD, ...rows])));
    });
  campaign
    .command("show")
    .description("show a campaign: its numbers, its limits, what its machines wait for")
    .argument("<campaign>", WHICH)
    .action(async (which: string) => {
      const client = await shell.connect();
      const { body } = await client.call<CampaignAnswer>("GET", await pathOf(client, which));
      shell.show(body, () => campaignDetails(body, shell.terminal.nowMs()));
    });
  campaign
    .command("nodes")
    .description("list what became of each machine, in the campaign's order")
    .argument("<campaign>", WHICH)
    .addOption(new Option("--state <states...>", "only those").choices(NODE_STATES))
    .option("--limit <count>", "at most so many", parseCount(1, 1_000_000), 500)
    .action(async (which: string, { state, limit }: { state?: string[]; limit: number }) => {
      const client = await shell.connect();
      const path = `${await pathOf(client, which)}/nodes`;
      const page = await readPages<CampaignNodeAnswer>(client, path, stateQuery(state), limit);
      shell.show(page, () => nodeLines(page));
    });
}

const stateQuery = (state: string[] | undefined): [string, string][] =>
  state === undefined ? [] : [["state", state.join(",")]];

function nodeLines({ items }: Page<CampaignNodeAnswer>): string[] {
  if (items.length === 0) return ["no machines"];
  const rows = items.map(({ node, state, rack, deployment, waitingFor, error, canary }) => [
    node.name,
    `${state}${canary ? " (canary)" : ""}`,
    rack ?? "-",
    deployment ?? "-",
    waitingFor === null ? (error?.message ?? "") : `waits for ${waitingFor.what}`,
  ]);
  return table([["NODE", "STATE", "RACK", "DEPLOYMENT", "WHY"], ...rows]);
}

function addWatch(campaign: Command, shell: Shell): void {
  campaign
    .command("watch")
    .description("show a campaign's progress to its end, and exit by how it ended")
    .argument("<campaign>", WHICH)
    .option("--wait", "wait in silence and show the end")
    .option("--watch-for <duration>", "stop watching after this, with exit status 5", parseDuration)
    .action(async (which: string, { wait, watchFor }: WatchChoice) => {
      const client = await shell.connect();
      const id = await campaignId(client, which);
      await watchCampaign(shell, client, { id, isQuiet: wait === true, forMs: watchFor });
    });
}

function addChange(campaign: Command, shell: Shell, verb: "pause" | "resume", description: string): void {
  campaign
    .command(verb)
    .description(description)
    .argument("<campaign>", WHICH)
    .action((which: string) => change(shell, which, verb, {}));
}

function addCancel(campaign: Command, shell: Shell): void {
  campaign
    .command("cancel")
    .description("let no more deployments begin, and cancel those that were begun")
    .argument("<campaign>", WHICH)
    .option("--finish-running", "let those that were begun end by themselves")
    .action((which: string, { finishRunning }: { finishRunning?: boolean }) =>
      change(shell, which, "cancel", { running: finishRunning === true ? "finish" : "cancel" }),
    );
}

function addRetry(campaign: Command, shell: Shell): void {
  const retry = campaign
    .command("retry")
    .description("deploy again what failed of a campaign that is over, as a new campaign")
    .argument("<campaign>", WHICH);
  addWatchOptions(retry)
    .option("--idempotency-key <key>", "the same key never makes a second campaign")
    .addHelpText("after", RETRY_NOTES)
    .action(async (which: string, options: WatchChoice & { idempotencyKey?: string }) => {
      const client = await shell.connect();
      const path = `${await pathOf(client, which)}/retry`;
      const idempotencyKey = options.idempotencyKey ?? randomUUID();
      const { body } = await client.call<CampaignAnswer>("POST", path, { body: {}, idempotencyKey });
      await showMade(shell, client, body, options);
    });
}

async function change(shell: Shell, which: string, verb: string, body: object): Promise<void> {
  const client = await shell.connect();
  const path = `${await pathOf(client, which)}/${verb}`;
  const reply = await client.call<CampaignAnswer>("POST", path, { body });
  const { name, state, counts } = reply.body;
  shell.show(reply.body, () => [`${name} is ${state}: ${counts.running} running, ${counts.waiting} waiting`]);
}

async function pathOf(client: ApiClient, which: string): Promise<string> {
  return `/v1/campaigns/${await campaignId(client, which)}`;
}

/** @throws CommandError `campaign-not-found` */
async function campaignId(client: ApiClient, which: string): Promise<string> {
  if (which.startsWith("camp_")) return encodeURIComponent(which);
  const search = new URLSearchParams({ name: which, limit: "1" });
  const { body } = await client.call<Page<{ id: string }>>("GET", `/v1/campaigns?${search.toString()}`);
  const [newest] = body.items;
  if (newest !== undefined) return newest.id;
  throw new CommandError(`${which} is neither a campaign's id nor the name of one`, {
    exit: EXIT.failed,
    code: "campaign-not-found",
  });
}
