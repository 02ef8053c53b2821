import { statSync } from "node:fs";
import type { Command } from "commander";
import { type NodeAnswer, showBytes, type StockAnswer, type UpkeepAnswer } from "../../client/index.ts";
import type { ApiClient } from "../client.ts";
import { CommandError, EXIT } from "../exit.ts";
import { readPages } from "../pages.ts";
import { readServerConfig } from "../server.ts";
import type { Shell } from "../shell.ts";
import { table } from "../words.ts";

const NOTES = `
Looks at the server, what it stands on, its keys, what it keeps, its images and its machines; on the server's own machine at
its files too. Exit status 1 where something fails. What is wrong with one machine: trayload node preflight NODE.`;

interface Finding {
  check: string;
  outcome: "pass" | "warn" | "fail";
  detail: string;
  hint?: string;
}

type Check = (client: ApiClient, shell: Shell, version: string) => Promise<Finding[]>;

export function addDoctorCommand(program: Command, shell: Shell): void {
  program
    .command("doctor")
    .description("look whether all is well with the server, and say what to do where it is not")
    .addHelpText("after", NOTES)
    .action(async () => {
      const client = await shell.connect();
      const findings: Finding[] = [];
      // One after another: what comes first is the cause of what comes later.
      for (const check of CHECKS) findings.push(...(await check(client, shell, program.version() ?? "")));
      shell.show({ items: findings }, () => [
        ...table(findings.map(({ outcome, check, detail }) => [outcome, check, detail])),
        ...findings.flatMap(({ hint, check }) => (hint === undefined ? [] : [`hint: ${check}: ${hint}`])),
      ]);
      if (findings.some(({ outcome }) => outcome === "fail")) shell.exit(EXIT.failed);
    });
}

const pass = (check: string, detail: string): Finding => ({ check, outcome: "pass", detail });
const warn = (check: string, detail: string, hint: string): Finding => ({
  check,
  outcome: "warn",
  detail,
  hint,
});
const fail = (check: string, detail: string, hint: string): Finding => ({
  check,
  outcome: "fail",
  detail,
  hint,
});

const checkVersion: Check = async (client, _, version) => {
  const { body } = await client.call<{ version: string }>("GET", "/healthz");
  if (body.version === version) return [pass("server", `${client.url}, version ${body.version}`)];
  return [
    warn(
      "server",
      `${client.url} is of version ${body.version}, this command line of ${version}`,
      "Use the same version of both.",
    ),
  ];
};

const checkReady: Check = async (client) => {
  const hint = "Look at the server's log; deployments stand still until it is back, and lose nothing.";
  const tell = (checks: { name: string; ready: boolean }[]) =>
    checks.map(({ name, ready }) => (ready ? pass(name, "is there") : fail(name, "does not answer", hint)));
  try {
    return tell(
      (await client.call<{ checks: { name: string; ready: boolean }[] }>("GET", "/readyz")).body.checks,
    );
  } catch (error) {
    const checks = error instanceof CommandError ? error.problem?.checks : undefined;
    if (!Array.isArray(checks)) throw error;
    return tell(checks as { name: string; ready: boolean }[]);
  }
};

const checkUpkeep: Check = async (client) => {
  const upkeep = await ifAllowed(async () => (await client.call<UpkeepAnswer>("GET", "/v1/upkeep")).body);
  if (upkeep === undefined)
    return [warn("keys", "were not looked at", "Only an admin's token may; see trayload token list.")];
  const { keys, kept, open } = upkeep;
  const oldest = kept
    .filter(({ oldestAt }) => oldestAt !== null)
    .map(({ what, oldestAt }) => `${what} since ${oldestAt!.slice(0, 10)}`);
  return [
    ...keysTold(keys),
    pass("kept", oldest.join(", ") || "nothing yet"),
    pass("open", `${open} deployments and operations`),
  ];
};

function keysTold(keys: UpkeepAnswer["keys"]): Finding[] {
  const waiting = keys.find(({ does }) => does.includes("waits"));
  const older = keys.filter(({ does, sealed }) => !does.includes("seals") && sealed > 0);
  if (waiting !== undefined)
    return [
      warn(
        "keys",
        `${waiting.id} waits for its turn`,
        "When every server has the file: trayload key rotate.",
      ),
    ];
  if (older.length > 0) {
    const sum = older.reduce((all, { sealed }) => all + sealed, 0);
    return [
      warn(
        "keys",
        `${sum} secrets are still under an older key`,
        "A server with the role worker seals them anew.",
      ),
    ];
  }
  return [
    pass(
      "keys",
      `${keys.length}, of which ${keys.find(({ does }) => does.includes("seals"))?.id ?? "none"} seals`,
    ),
  ];
}

/** Of the store of the process that answers. */
const checkImages: Check = async (client) => {
  const { usedBytes, capBytes, items } = (await client.call<StockAnswer>("GET", "/v1/images")).body;
  const detail = `${items.length} take ${showBytes(usedBytes)} of ${showBytes(capBytes)}`;
  const held = items
    .filter(({ holders }) => holders.length > 0)
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (held < capBytes * 0.9) return [pass("images", detail)];
  return [
    warn(
      "images",
      `${detail}, nearly all of it in use`,
      "Raise TRAYLOAD_IMAGE_CACHE_BYTES, or deploy fewer images at once.",
    ),
  ];
};

const checkNodes: Check = async (client) => {
  const { items } = await readPages<NodeAnswer>(client, "/v1/nodes", []);
  if (items.length === 0) return [pass("nodes", "none yet")];
  const some = (which: NodeAnswer[]) =>
    which
      .slice(0, 3)
      .map(({ name }) => name)
      .join(", ");
  const away = items.filter(({ reachable }) => reachable === false);
  const insecure = items.filter(({ bmc }) => bmc.insecure);
  const owing = items.filter(({ media }) => media !== null && media.owed !== null);
  return [
    pass("nodes", `${items.length}`),
    ...(away.length === 0
      ? []
      : [
          warn(
            "nodes",
            `${away.length} were unreachable: ${some(away)}`,
            "trayload node preflight tells why.",
          ),
        ]),
    ...(insecure.length === 0
      ? []
      : [
          warn(
            "nodes",
            `${insecure.length} without a certificate that is judged: ${some(insecure)}`,
            "trayload node set NODE --tls-pin or --tls-ca.",
          ),
        ]),
    ...(owing.length === 0
      ? []
      : [
          warn(
            "nodes",
            `${owing.length} owe a clean-up: ${some(owing)}`,
            "It is tried again by itself; trayload node eject does it now.",
          ),
        ]),
  ];
};

/** On the server's own machine, whose files are to be its user's alone. */
const checkFiles: Check = async (client, { terminal }) => {
  if (!/^https?:\/\/(localhost|127\.|\[::1\])/.test(client.url)) return [];
  const { dataDir } = await readServerConfig(terminal.env);
  const facts = statSync(dataDir, { throwIfNoEntry: false });
  if (facts === undefined) return [];
  const mode = facts.mode & 0o777;
  if ((mode & 0o077) === 0) return [pass("files", `${dataDir} is its owner's alone`)];
  return [
    fail("files", `${dataDir} can be read by others (mode ${mode.toString(8)})`, `chmod 700 ${dataDir}`),
  ];
};

const CHECKS: readonly Check[] = [checkVersion, checkReady, checkUpkeep, checkImages, checkNodes, checkFiles];

/** @returns undefined where the token's role may not */
async function ifAllowed<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CommandError && error.code === "forbidden") return undefined;
    throw error;
  }
}
