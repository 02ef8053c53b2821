import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

/** Which rooms a room may import; docs/architecture.md draws the same picture. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  redfish: [],
  images: [],
  agent: [],
  nodes: [],
  // Is told of everything by start/.
  metrics: [],
  deploy: ["redfish", "images", "agent", "nodes"],
  jobs: ["deploy"],
  webhooks: ["deploy", "images", "campaigns"],
  campaigns: ["deploy", "nodes"],
  // Implements the ports of the rooms, and is known by main.ts alone.
  database: ["redfish", "images", "agent", "nodes", "deploy", "api", "webhooks", "campaigns"],
  provision: ["jobs", "deploy", "images", "agent"],
  api: ["jobs", "deploy", "nodes", "images", "webhooks", "campaigns"],
  // With main.ts the composition root, which joins them all.
  start: [
    "redfish",
    "images",
    "agent",
    "nodes",
    "deploy",
    "jobs",
    "database",
    "webhooks",
    "metrics",
    "campaigns",
    "provision",
    "api",
    "web",
    "config.ts",
  ],
  // What clients of the API have in common.
  client: [],
  cli: ["client"],
  web: ["client"],
};

/**
 * The exceptions, each with its file. The command line is a client of the API and knows no room; but it finds this machine's
 * server by the server's own settings, and it can start one, and a lab for it.
 */
const ALSO_IMPORTS: Record<string, readonly string[]> = {
  "cli/server.ts": ["config.ts"],
  "cli/terminal.ts": ["start/stop-signals.ts"],
  "cli/commands/serve.ts": ["config.ts", "main.ts"],
  // The files of this machine's server are its owner's to copy and change, also where no server runs.
  "cli/commands/backup.ts": ["config.ts", "database/index.ts"],
  "cli/commands/key.ts": ["nodes/index.ts"],
  // Files lie where they are typed, and registries are not Trayload's: no server is needed.
  "cli/commands/image-push.ts": ["config.ts", "images/index.ts"],
  "cli/commands/simulate.ts": ["../test/bmc-simulator/simulate.ts"],
  "cli/demo/tell.ts": ["../test/bmc-simulator/index.ts"],
  "cli/demo/play.ts": ["../test/bmc-simulator/index.ts"],
  "cli/demo/stage.ts": [
    "config.ts",
    "main.ts",
    "../test/bmc-simulator/index.ts",
    "../test/media/tiny-iso.ts",
  ],
};

const SOURCE = join(import.meta.dirname, "../src");

/** Says what is wrong with each import of one file; an empty list when all is well. */
function findOffences(file: string, text: string): string[] {
  const room = file.split("/")[0]!;
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => match[1]!);
  return specifiers.flatMap((specifier) => {
    const target = normalize(join(dirname(file), specifier));
    const [to, ...rest] = target.split("/");
    if (to === room || !file.includes("/") || ALSO_IMPORTS[file]?.includes(target)) return [];
    if (!MAY_IMPORT[room]?.includes(to!)) return [`${file}: ${room} must not import ${to}`];
    return rest.length === 0 || rest.join("/") === "index.ts"
      ? []
      : [`${file}: reach ${to} through its index.ts, not ${target}`];
  });
}

describe("imports", () => {
  it("run in one direction only, and only through a room's index.ts", () => {
    const files = globSync("**/*.{ts,tsx}", { cwd: SOURCE });
    assert.ok(files.length > 0, "no source file was found");
    const offences = files.flatMap((file) =>
      findOffences(relative(".", file), readFileSync(join(SOURCE, file), "utf8")),
    );
    assert.deepEqual(offences, []);
  });

  it("are refused from right to left", () =>
    assert.deepEqual(findOffences("redfish/bmc.ts", 'import { x } from "../deploy/index.ts";'), [
      "redfish/bmc.ts: redfish must not import deploy",
    ]));

  it("are let through where an exception is stated, for that file alone", () => {
    const text = 'await import("../config.ts");';
    assert.deepEqual(findOffences("cli/server.ts", text), []);
    assert.deepEqual(findOffences("cli/client.ts", text), ["cli/client.ts: cli must not import config.ts"]);
  });

  it("are refused past a room's door", () =>
    assert.deepEqual(findOffences("deploy/plan.ts", 'import { x } from "../redfish/client.ts";'), [
      "deploy/plan.ts: reach redfish through its index.ts, not redfish/client.ts",
    ]));
});
