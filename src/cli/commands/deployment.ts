import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { DeploymentAnswer, Page } from "../../client/index.ts";
import type { ApiClient } from "../client.ts";
import { CommandError, EXIT } from "../exit.ts";
import { readPages } from "../pages.ts";
import type { Shell } from "../shell.ts";
import { watchDeployment } from "../watch.ts";
import { watchMany } from "../watch-many.ts";
import { parseCount, parseDuration, parseLabel, table } from "../words.ts";
import { addWatchOptions, showAccepted, type WatchChoice } from "./accepted.ts";
import { addLogCommand } from "./deployment-log.ts";
import {
  deploymentDetails,
  deploymentRow,
  deploymentRowWide,
  LIST_HEAD,
  LIST_HEAD_WIDE,
} from "./deployment-view.ts";

const WHICH = "its id, or a machine's name for its newest one";
const STATES = ["queued", "running", "succeeded", "failed", "cancelled"];

export function addDeploymentCommands(program: Command, shell: Shell): void {
  const deployment = program.command("deployment").description("deployments, running and past");
  addReads(deployment, shell);
  addWatch(deployment, shell);
  addCancel(deployment, shell);
  addRetry(deployment, shell);
  addDossier(deployment, shell);
  addLogCommand(deployment, shell, WHICH);
}

interface ListOptions {
  state?: string[];
  node?: string;
  label?: Record<string, string>;
  limit: number;
}

function addReads(deployment: Command, shell: Shell): void {
  deployment
    .command("list")
    .description("list deployments, newest first")
    .addOption(new Option("--state <states...>", "only those").choices(STATES))
    .option("--node <node>", "only those of this machine")
    .option("--label <name=value>", "only those with this label; repeat it for several", parseLabel)
    .option("--limit <count>", "at most so many", parseCount(1, 1_000_000), 50)
    .action(async ({ state, node, label = {}, limit }: ListOptions) => {
      const query: [string, string][] = [
        ...(state === undefined ? [] : [["state", state.join(",")] as [string, string]]),
        ...(node === undefined ? [] : [["node", node] as [string, string]]),
        ...Object.entries(label).map(([name, value]) => ["label", `${name}:${value}`] as [string, string]),
      ];
      const page = await readPages<DeploymentAnswer>(await shell.connect(), "/v1/deployments", query, limit);
      const [head, rowOf] = shell.isWide ? [LIST_HEAD_WIDE, deploymentRowWide] : [LIST_HEAD, deploymentRow];
      const rows = page.items.map((item) => rowOf(item, shell.terminal.nowMs()));
      shell.show(page, () => (rows.length === 0 ? ["no deployments"] : table([head, ...rows])));
    });
  deployment
    .command("show")
    .description("show a deployment: its steps, what it waits for, its proof")
    .argument("<deployment>", WHICH)
    .action(async (which: string) => {
      const client = await shell.connect();
      const { body } = await client.call<DeploymentAnswer>("GET", await pathOf(client, which));
      shell.show(body, () => deploymentDetails(body, shell.terminal.nowMs(), shell.paint));
    });
}

function addDossier(deployment: Command, shell: Shell): void {
  deployment
    .command("dossier")
    .description("save all that is known of a deployment in one file without secrets, for a report")
    .argument("<deployment>", WHICH)
    .option("--out <file>", "where to; the deployment's id with .tar.gz unless told")
    .action(async (which: string, { out }: { out?: string }) => {
      const client = await shell.connect();
      const path = await pathOf(client, which);
      const file = out ?? `${decodeURIComponent(path.split("/").at(-1)!)}.tar.gz`;
      await writeFile(file, await client.download(`${path}/dossier`), { mode: 0o600 });
      shell.show({ file }, () => [file]);
    });
}

function addWatch(deployment: Command, shell: Shell): void {
  deployment
    .command("watch")
    .description("show the progress of deployments to their ends, and exit as the worst of them")
    .argument("<deployments...>", WHICH)
    .option("--wait", "wait in silence and show the end")
    .option("--watch-for <duration>", "stop watching after this, with exit status 5", parseDuration)
    .action(async (which: string[], { wait, watchFor }: WatchChoice) => {
      const client = await shell.connect();
      const found = await Promise.all(which.map((one) => deploymentId(client, one)));
      const ids = [...new Set(found)];
      const how = { isQuiet: wait === true, forMs: watchFor };
      const [id] = ids;
      if (ids.length === 1 && id !== undefined) await watchDeployment(shell, client, { id, ...how });
      else await watchMany(shell, client, { ids, ...how });
    });
}

function addCancel(deployment: Command, shell: Shell): void {
  deployment
    .command("cancel")
    .description("cancel a deployment; the machine's BMC is left clean")
    .argument("<deployment>", WHICH)
    .option("--wait", "wait until it is over; exit status 0 when it was cancelled")
    .action(async (which: string, { wait }: { wait?: boolean }) => {
      const client = await shell.connect();
      const id = await deploymentId(client, which);
      const { body } = await client.call<DeploymentAnswer>("POST", `/v1/deployments/${id}/cancel`, {
        body: {},
      });
      if (wait !== true) return shell.show(body, () => [`cancel of ${id} requested`]);
      const wanted = (state: string) => (state === "cancelled" ? EXIT.succeeded : EXIT.failed);
      await watchDeployment(shell, client, { id, isQuiet: true, forMs: undefined, exitOf: wanted });
    });
}

function addRetry(deployment: Command, shell: Shell): void {
  const retry = deployment
    .command("retry")
    .description("deploy again what failed or was cancelled, as a new deployment")
    .argument("<deployment>", WHICH);
  addWatchOptions(retry).action(async (which: string, options: WatchChoice) => {
    const client = await shell.connect();
    const path = `${await pathOf(client, which)}/retry`;
    const { body } = await client.call<DeploymentAnswer>("POST", path, { body: {} });
    await showAccepted(shell, client, body, options);
  });
}

async function pathOf(client: ApiClient, which: string): Promise<string> {
  return `/v1/deployments/${await deploymentId(client, which)}`;
}

/** @throws CommandError `deployment-not-found` */
export async function deploymentId(client: ApiClient, which: string): Promise<string> {
  if (which.startsWith("dep_")) return encodeURIComponent(which);
  const search = new URLSearchParams({ node: which, limit: "1", fields: "id" });
  const { body } = await client.call<Page<{ id: string }>>("GET", `/v1/deployments?${search.toString()}`);
  const [newest] = body.items;
  if (newest !== undefined) return newest.id;
  throw new CommandError(`${which} is neither a deployment's id nor a machine that was ever deployed`, {
    exit: EXIT.failed,
    code: "deployment-not-found",
  });
}
