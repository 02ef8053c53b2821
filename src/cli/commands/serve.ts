import { type Command } from "commander";
import type { Config } from "../../config.ts";
import type { Trayload } from "../../main.ts";
import { CommandError, EXIT, usageError } from "../exit.ts";
import type { Shell } from "../shell.ts";
import { table } from "../words.ts";

const NOTES = `
Everything else is set by the environment or a file; docs/configuration.md lists it all.

Examples:
  trayload serve
  trayload serve --api-listen 127.0.0.1:9000 --data-dir /srv/trayload
  TRAYLOAD_PROVISION_URL=http://10.0.0.5:8090 trayload serve`;

/** Options and the settings that they are. */
const SETTINGS = {
  dataDir: "TRAYLOAD_DATA_DIR",
  apiListen: "TRAYLOAD_API_LISTEN",
  provisionListen: "TRAYLOAD_PROVISION_LISTEN",
  provisionUrl: "TRAYLOAD_PROVISION_URL",
  logLevel: "TRAYLOAD_LOG_LEVEL",
} as const;

type ServeOptions = Partial<Record<keyof typeof SETTINGS, string>>;

export function addServeCommand(program: Command, shell: Shell): void {
  program
    .command("serve")
    .description("start the server: the API, the workers and the provisioning listener")
    .option("--data-dir <folder>", "where everything is kept")
    .option("--api-listen <host:port>", "where people and pipelines reach it; 127.0.0.1:8080 unless told")
    .option("--provision-listen <host:port>", "where BMCs and installers reach it; :8090 unless told")
    .option("--provision-url <url>", "what BMCs are told of that; found by itself unless told")
    .option("--log-level <level>", "trace, debug, info, warn, error, fatal or silent")
    .addHelpText("after", NOTES)
    .action(async (options: ServeOptions) => {
      const stopped = Promise.withResolvers<void>();
      const leave = shell.terminal.onInterrupt(() => stopped.resolve());
      try {
        const { config, trayload } = await start(shell, options);
        tell(shell, config, trayload);
        await stopped.promise;
        await trayload.stop();
      } finally {
        leave();
      }
    });
}

async function start(
  { terminal }: Shell,
  options: ServeOptions,
): Promise<{ config: Config; trayload: Trayload }> {
  const { ConfigError, readConfig } = await import("../../config.ts");
  const { startTrayload } = await import("../../main.ts");
  const said = Object.entries(options).filter(([name]) => name in SETTINGS);
  const overrides = said.map(([name, value]) => [SETTINGS[name as keyof typeof SETTINGS], value]);
  try {
    const config = readConfig(terminal.env, Object.fromEntries(overrides) as Record<string, string>);
    return { config, trayload: await startTrayload(config) };
  } catch (error) {
    if (error instanceof ConfigError) throw usageError(error.message, error.hint);
    throw notStarted(error);
  }
}

/** What cannot start for a reason that a person can mend says so; all else is a defect and keeps its trace. */
function notStarted(error: unknown): unknown {
  const { code, hint, message } = error as { code?: unknown; hint?: unknown; message: string };
  if (typeof code !== "string") return error;
  const isTaken = code === "EADDRINUSE";
  const advice = isTaken
    ? "Is a server running already? --api-listen and --provision-listen choose others."
    : hint;
  return new CommandError(`the server cannot start: ${message}`, {
    exit: EXIT.failed,
    code,
    hint: typeof advice === "string" ? advice : undefined,
    cause: error,
  });
}

function tell(shell: Shell, { dataDir }: Config, trayload: Trayload): void {
  const { apiUrl, provisionUrl, provisionTlsUrl, admin } = trayload;
  const urls = { apiUrl, docsUrl: apiUrl && `${apiUrl}/docs`, provisionUrl, provisionTlsUrl };
  const facts = { ...urls, tokenFile: admin.file, dataDir };
  if (shell.isJson) return shell.showLine(facts);
  shell.print(
    "Trayload runs. Ctrl-C stops it; deployments that run go on at the next start.",
    ...table([
      ["  API", apiUrl ?? "not in this process"],
      ["  its description", facts.docsUrl ?? "-"],
      ["  admin token", admin.file ?? "the one that was given"],
      ["  provisioning", provisionUrl ?? "not in this process"],
      ...(provisionTlsUrl === undefined ? [] : [["  over TLS", provisionTlsUrl]]),
      ["  kept in", dataDir],
    ]),
  );
}
