import { randomUUID } from "node:crypto";
import { type Command, InvalidArgumentError } from "commander";
import type { CampaignAnswer, CampaignPreviewAnswer } from "../../client/index.ts";
import { watchCampaign } from "../campaign-watch.ts";
import type { ApiClient } from "../client.ts";
import { EXIT, usageError } from "../exit.ts";
import type { Shell } from "../shell.ts";
import { parseCount, parseLabel, table } from "../words.ts";
import { addWatchOptions, type WatchChoice } from "./accepted.ts";
import { imageUrl } from "./deploy-write.ts";
import { readDocument } from "./document.ts";
import { defined } from "./node-options.ts";

const NOTES = `
Every machine is judged before anything is touched; --dry-run says what would be said of each.

Examples:
  trayload campaign create --name noble --select role=worker --site ams1 --expect 240 \\
    --iso https://images.example/noble.iso --finish powered-off --per-rack 4 --canary 3 --watch
  trayload campaign create --name fw --nodes r1-u01 r1-u02 --from firmware.yaml --dry-run
  trayload campaign create --name night --select role=db --iso https://images.example/db.iso \\
    --window sat,sun/22:00-04:00/Europe/Amsterdam --max-failures 2

The file of --from holds a campaign as POST /v1/campaigns takes it; options win over it.`;

interface CreateOptions extends WatchChoice {
  name?: string;
  nodes?: string[];
  select?: Record<string, string>;
  site?: string;
  rack?: string;
  expect?: number;
  from?: string;
  iso?: string;
  checksum?: string;
  finish?: string;
  eject?: string;
  concurrent?: number;
  perRack?: number;
  perSite?: number;
  serverMbytes?: number;
  canary?: number;
  maxFailures?: number;
  window?: object[];
  weight?: number;
  skipUnfit?: boolean;
  dryRun?: boolean;
  idempotencyKey?: string;
}

const most = parseCount(1, 100_000);

export function addCampaignCreate(campaign: Command, shell: Shell): void {
  const create = campaign
    .command("create")
    .description("deploy many machines under limits")
    .option("--name <name>", "what people call it")
    .option("--from <file>", "the whole campaign as JSON or YAML; - for the standard input");
  addWatchOptions(create)
    .optionsGroup("Which machines (--nodes, or the others):")
    .option("--nodes <nodes...>", "names or ids, in the order in which they are to begin")
    .option("--select <name=value>", "those with this label; repeat it for several", parseLabel)
    .option("--site <name>", "those in this site")
    .option("--rack <name>", "those in this rack")
    .option("--expect <count>", "how many it should be; with another number nothing is done", most)
    .option("--skip-unfit", "leave out machines that cannot be deployed so, instead of refusing all")
    .optionsGroup("What (or deployment in the file of --from):")
    .option("--iso <url>", "https://…, http://…, or a file that the server may read")
    .option("--checksum <checksum>", "of the ISO: sha256:…, or bare hex")
    .option("--finish <when>", "when a deployment has succeeded; as of trayload deploy")
    .option("--eject <when>", "when the disc leaves the slot; as of trayload deploy")
    .optionsGroup("Limits:")
    .option("--concurrent <count>", "deployments at once; 50 unless told", most)
    .option("--per-rack <count>", "in one rack at once", most)
    .option("--per-site <count>", "in one site at once", most)
    .option("--server-mbytes <count>", "MB/s that machines may read from one image server", most)
    .option(
      "--canary <count>",
      "so many first; the others begin when these have succeeded",
      parseCount(0, 100_000),
    )
    .option("--max-failures <count>", "pause with so many failures", most)
    .option("--window <days/from-to/zone>", "when deployments may begin; repeat it for several", parseWindow)
    .option("--weight <count>", "its share beside other campaigns; 1 unless told", parseCount(1, 100))
    .optionsGroup("Options:")
    .option("--dry-run", "say of each machine whether it could be deployed so, and do nothing")
    .option("--idempotency-key <key>", "the same key never makes a second campaign")
    .addHelpText("after", NOTES)
    .action((options: CreateOptions) => run(shell, options));
}

async function run(shell: Shell, options: CreateOptions): Promise<void> {
  const body = await requestOf(shell, options);
  const client = await shell.connect();
  if (options.dryRun === true) {
    const { body: preview } = await client.call<CampaignPreviewAnswer>("POST", "/v1/campaigns?dryRun=true", {
      body,
    });
    shell.show(preview, () => previewLines(preview));
    if (preview.unfit > 0 && options.skipUnfit !== true) shell.exit(EXIT.failed);
    return;
  }
  const idempotencyKey = options.idempotencyKey ?? randomUUID();
  const { body: made } = await client.call<CampaignAnswer>("POST", "/v1/campaigns", { body, idempotencyKey });
  return showMade(shell, client, made, options);
}

/** Watches it, waits for it, or says where it is to be seen. */
export async function showMade(
  shell: Shell,
  client: ApiClient,
  made: CampaignAnswer,
  { watch, wait, watchFor }: WatchChoice,
): Promise<void> {
  if (watch === true || wait === true || watchFor !== undefined) {
    if (!shell.isJson && wait !== true) shell.print(`campaign ${made.id}: ${made.counts.total} machines`);
    return watchCampaign(shell, client, { id: made.id, isQuiet: wait === true, forMs: watchFor });
  }
  shell.show(made, () => [
    `accepted ${made.id}: ${made.name}, ${made.counts.total} machines`,
    `  watch it: trayload campaign watch ${made.id}`,
  ]);
}

async function requestOf(shell: Shell, options: CreateOptions): Promise<Record<string, unknown>> {
  const file = options.from === undefined ? {} : await readDocument(shell.terminal, options.from);
  if (typeof file !== "object" || file === null || Array.isArray(file))
    throw usageError(`${options.from} does not hold a campaign`);
  const given = file as Record<string, unknown> & { selector?: object; limits?: object; deployment?: object };
  const selector = {
    ...given.selector,
    ...defined({ labels: options.select, site: options.site, rack: options.rack }),
  };
  const { concurrent, perRack, perSite, canary, maxFailures, serverMbytes } = options;
  const serverBytesPerSecond = serverMbytes === undefined ? undefined : serverMbytes * 1_000_000;
  const limits = {
    ...given.limits,
    ...defined({ concurrent, perRack, perSite, canary, maxFailures, serverBytesPerSecond }),
  };
  const deployment = deploymentOf(options, given.deployment ?? {});
  const body = {
    ...given,
    ...defined({
      name: options.name,
      nodes: options.nodes,
      expectNodes: options.expect,
      weight: options.weight,
    }),
    ...(Object.keys(selector).length === 0 ? {} : { selector }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...defined({
      windows: options.window,
      unfit: options.skipUnfit === true ? "skip" : undefined,
    }),
    deployment,
  };
  if (!("name" in body)) throw usageError("--name is missing: what is the campaign called?");
  if (!("nodes" in body) && !("selector" in body))
    throw usageError("--nodes or --select is missing: which machines are to be deployed?");
  if (Object.keys(deployment).length === 0) throw usageError("--iso is missing: what is to be booted?");
  return body;
}

function deploymentOf(
  { iso, checksum, finish, eject }: CreateOptions,
  given: object,
): Record<string, unknown> {
  const { boot } = given as { boot?: { iso?: object } };
  const image = defined({ url: iso === undefined ? undefined : imageUrl("--iso", iso), checksum });
  return {
    ...given,
    ...defined({ finish, eject }),
    ...(Object.keys(image).length === 0 ? {} : { boot: { ...boot, iso: { ...boot?.iso, ...image } } }),
  };
}

/** Collects windows like `sat,sun/22:00-04:00/Europe/Amsterdam`; without days of every day, without a zone in UTC. */
function parseWindow(text: string, before: object[] = []): object[] {
  const parts = /^(?:([a-z,]+)\/)?(\d\d:\d\d)-(\d\d:\d\d)(?:\/(.+))?$/.exec(text);
  if (parts === null) throw new InvalidArgumentError("Give days/from-to/zone, like sat,sun/22:00-04:00/UTC.");
  const [, days, from, to, timeZone] = parts;
  return [...before, { ...defined({ days: days?.split(","), timeZone }), from, to }];
}

function previewLines({ fitting, unfit, nodes }: CampaignPreviewAnswer): string[] {
  const rows = nodes
    .filter(({ fits }) => !fits)
    .map(({ node, error }) => [`  ${node.name}`, error?.message ?? ""]);
  return [
    `${fitting} of ${fitting + unfit} machines can be deployed so; nothing was done`,
    ...(rows.length === 0 ? [] : table(rows)),
  ];
}
