import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem, release } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { type AgentsOptions, benchAgents } from "./agents.ts";
import { benchCampaign, type CampaignOptions } from "./campaign.ts";
import { benchCold, type ColdOptions } from "./cold.ts";
import { benchDeploy, type DeployOptions } from "./deploy.ts";
import { benchDiscs, type DiscsOptions } from "./discs.ts";
import { benchServe, type ServeOptions } from "./serve.ts";
import { benchPage, type PageOptions } from "./page.ts";
import { benchLists, type ListsOptions } from "./lists.ts";
import { benchParked, type ParkedOptions } from "./parked.ts";
import { benchWatchers, type WatchersOptions } from "./watchers.ts";

interface Shared {
  plainHttp: boolean;
  json?: string;
  nodeArgs?: string;
}

type DeployCommand = Shared & Omit<DeployOptions, "nodeArgs">;
type AgentsCommand = Shared & Omit<AgentsOptions, "nodeArgs">;
type ColdCommand = Shared & Omit<ColdOptions, "nodeArgs">;
type ParkedCommand = Shared & Omit<ParkedOptions, "nodeArgs">;
type ListsCommand = Shared & Omit<ListsOptions, "nodeArgs">;
type WatchersCommand = Shared & Omit<WatchersOptions, "nodeArgs">;

const NOTES = `
Starts Trayload as it is installed, a lab of simulated BMCs and a load, each in processes of their own, measures, and
ends them all. docs/benchmarks.md says what is measured and how to read it.

Examples:
  npm run bench -- deploy --nodes 300
  npm run bench -- deploy --nodes 1000 --profile mix --json mix.json
  npm run bench -- deploy --nodes 300 --agent
  npm run bench -- agents --count 1000
  npm run bench -- cold --nodes 300 --image-mib 1024
  npm run bench -- parked --count 10000
  npm run bench -- lists --postgres
  npm run bench -- watchers --clients 500
  npm run bench -- campaign --nodes 5000
  npm run bench -- discs
  npm run bench -- serve
  npm run bench -- page`;

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError("Give a whole number above 0.");
  return value;
}

const counts = (text: string): number[] => text.split(",").map(whole);

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const listed = (text: string | undefined): string[] => text?.split(" ").filter(Boolean) ?? [];

const program = new Command("bench")
  .description("Measure Trayload over simulated BMCs.")
  .addHelpText("after", NOTES);

const shared = (command: Command): Command =>
  command
    .option("--plain-http", "BMCs without TLS", false)
    .option("--json <file>", "write the result there too")
    .option(
      "--node-args <args>",
      'options for the server\'s Node, as in "--cpu-prof --cpu-prof-dir=/tmp/profile"',
    );

shared(program.command("deploy").description("deploy every node twice, first from cold, then warm"))
  .requiredOption("--nodes <n>", "how many", whole)
  .option("--profile <name>", "how the BMCs behave: generic, mix or another of the lab's", "generic")
  .option("--latency-ms <n>", "how long each answer of a BMC takes", whole)
  .option("--runs <n>", "each figure is the median of so many", whole, 3)
  .option("--iso-mib <n>", "size of the disc, of which a machine reads its boot image and 60 %", whole, 2)
  .option(
    "--agent",
    "by a simulated agent, from a disc of kernel and ramdisk, which writes a disk image",
    false,
  )
  .option("--image-mib <n>", "with --agent: size of the disk image", whole, 64)
  .option("--request-log <file>", "append every request that the BMCs had, a line of JSON each")
  .action(async (options: DeployCommand) => {
    const { json, nodeArgs, ...rest } = options;
    finish(json, {
      mode: "deploy",
      ...options,
      ...(await benchDeploy({ ...rest, nodeArgs: listed(nodeArgs) }, tell)),
    });
  });

program
  .command("campaign")
  .description(
    "run a campaign whose deployments are played: what admission costs, and whether it grows with the nodes",
  )
  .requiredOption("--nodes <n>", "how many", whole)
  .option("--racks <n>", "in how many racks", whole, 100)
  .option("--concurrent <n>", "deployments at once", whole, 200)
  .option("--deployment-ms <n>", "how long each takes", whole, 1000)
  .option("--json <file>", "write the result there too")
  .action(async ({ json, ...options }: CampaignOptions & { json?: string }) => {
    finish(json, { mode: "campaign", ...options, ...(await benchCampaign(options, tell)) });
  });

shared(program.command("parked").description("park deployments in the wait for a call-back, and wake some"))
  .requiredOption("--count <n>", "how many", whole)
  .option("--idle-seconds <n>", "how long nothing happens", whole, 60)
  .option("--wakes <n>", "how many are woken", whole, 100)
  .action(async (options: ParkedCommand) => {
    const { json, nodeArgs, ...rest } = options;
    finish(json, {
      mode: "parked",
      ...options,
      ...(await benchParked({ ...rest, nodeArgs: listed(nodeArgs) }, tell)),
    });
  });

shared(program.command("agents").description("have agents at work in a long step, and let some end it"))
  .option("--count <n>", "how many", whole, 1000)
  .option("--wakes <n>", "how many end their step", whole, 200)
  .action(async (options: AgentsCommand) => {
    const { json, nodeArgs, ...rest } = options;
    finish(json, {
      mode: "agents",
      ...options,
      ...(await benchAgents({ ...rest, nodeArgs: listed(nodeArgs) }, tell)),
    });
  });

shared(program.command("cold").description("deploy an image that nobody has had yet to all nodes at once"))
  .requiredOption("--nodes <n>", "how many", whole)
  .option(
    "--image-mib <n>",
    "size of the image, of which each machine reads its boot image and 2 MiB",
    whole,
    1024,
  )
  .action(async (options: ColdCommand) => {
    const { json, nodeArgs, ...rest } = options;
    finish(json, {
      mode: "cold",
      ...options,
      ...(await benchCold({ ...rest, nodeArgs: listed(nodeArgs) }, tell)),
    });
  });

/** For what is measured while deployments are under way. */
const whileRunning = (command: Command): Command =>
  shared(command)
    .option("--running <n>", "deployments under way meanwhile, replaced as they end", whole, 300)
    .option("--boot-seconds <n>", "how long a machine takes over its disc", whole, 300)
    .option("--seconds <n>", "how long it is measured", whole, 60);

whileRunning(program.command("lists").description("read pages of many past deployments at a fixed rate"))
  .option("--count <n>", "past deployments", whole, 100_000)
  .option("--per-second <n>", "requests", whole, 200)
  .option("--postgres", "on a PostgreSQL, started for it, in place of SQLite", false)
  .action(async (options: ListsCommand) => {
    const { json, nodeArgs, ...rest } = options;
    finish(json, {
      mode: "lists",
      ...options,
      ...(await benchLists({ ...rest, nodeArgs: listed(nodeArgs) }, tell)),
    });
  });

whileRunning(program.command("watchers").description("have many clients watch the stream of all events"))
  .option("--clients <n>", "how many", whole, 500)
  .action(async (options: WatchersCommand) => {
    const { json, nodeArgs, ...rest } = options;
    finish(json, {
      mode: "watchers",
      ...options,
      ...(await benchWatchers({ ...rest, nodeArgs: listed(nodeArgs) }, tell)),
    });
  });

program
  .command("discs")
  .description("compose the discs of many nodes, and lay others over one ISO, beside xorriso")
  .option("--nodes <n>", "how many", whole, 1000)
  .option("--kernel-mib <n>", "size of the kernel", whole, 8)
  .option("--ramdisk-mib <n>", "size of the ramdisk", whole, 400)
  .option("--iso-mib <n>", "size of the ISO that discs are laid over", whole, 1024)
  .option("--sample <n>", "how many of the discs xorriso makes too", whole, 5)
  .option("--json <file>", "write the result there too")
  .action(async ({ json, ...options }: DiscsOptions & Pick<Shared, "json">) => {
    finish(json, { mode: "discs", ...options, ...(await benchDiscs(options, tell)) });
  });

program
  .command("serve")
  .description("read one disc from the provisioning listener, and as a plain file from nginx")
  .option("--ramdisk-mib <n>", "size of the disc, but for some", whole, 400)
  .option("--seconds <n>", "how long each is read in each way", whole, 4)
  .option("--rounds <n>", "how often; each figure is the median", whole, 3)
  .option("--readers <list>", "how many at once", counts, [1, 50, 1000])
  .option("--json <file>", "write the result there too")
  .option("--node-args <args>", "options for the Node of the process that serves")
  .action(
    async ({ json, nodeArgs, ...options }: Omit<ServeOptions, "nodeArgs"> & Omit<Shared, "plainHttp">) => {
      const result = await benchServe({ ...options, nodeArgs: listed(nodeArgs) }, tell);
      finish(json, { mode: "serve", ...options, ...result });
    },
  );

program
  .command("page")
  .description("show the dashboard in Chromium over a large fleet, scroll through it, and turn pages")
  .option("--nodes <n>", "how many there are", whole, 5000)
  .option("--deployments <n>", "how many have ended", whole, 100_000)
  .option("--runs <n>", "each figure of the first view is the median of so many", whole, 5)
  .option("--chromium <path>", "the browser", process.env.CHROMIUM ?? "/usr/bin/chromium")
  .option("--json <file>", "write the result there too")
  .action(async ({ json, ...options }: PageOptions & Pick<Shared, "json">) => {
    finish(json, { mode: "page", ...options, ...(await benchPage(options, tell)) });
  });

function finish(file: string | undefined, result: object): void {
  const text = `${JSON.stringify({ ...result, machine: describeMachine() }, null, 2)}\n`;
  if (file !== undefined) writeFileSync(file, text);
  process.stdout.write(text);
}

function describeMachine() {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    redis:
      /v=(\S+)/.exec(execFileSync("redis-server", ["--version"], { encoding: "utf8" }))?.[1] ?? "unknown",
  };
}

await program.parseAsync().catch((error: unknown) => {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
