import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import type { Config } from "../../config.ts";
import { asCommandError, usageError } from "../exit.ts";
import { readServerConfig } from "../server.ts";
import type { Shell } from "../shell.ts";

const BACKUP_NOTES = `
The server may run meanwhile. The folder then holds trayload.db. Passwords in it are sealed under the master key, which is
copied by --with-key alone: keep it elsewhere. Images are not in it, since they are fetched again. With TRAYLOAD_DATABASE_URL the database is PostgreSQL's to copy: pg_dump --format=custom.

Example:
  trayload backup /srv/backups/trayload-$(date +%F)`;

const RESTORE_NOTES = `
The server must be stopped. What was in the data directory is kept as trayload.db.before-restore. Deployments that were under
way when the backup was made are ended at the next start as failed (restored-from-backup), and no machine is touched.

Example:
  trayload restore /srv/backups/trayload-2026-11-21`;

export function addBackupCommands(program: Command, shell: Shell): void {
  program
    .command("backup")
    .description("copy this machine's database into a folder, while the server runs")
    .argument("<folder>", "where to; made if it is not there")
    .option("--with-key", "copy the master key too, with which everything in the backup can be read")
    .addHelpText("after", BACKUP_NOTES)
    .action((folder: string, { withKey }: { withKey?: boolean }) => save(shell, folder, withKey === true));
  program
    .command("restore")
    .description("put a backup into this machine's data directory, while the server is stopped")
    .argument("<folder>", "that backup made")
    .addHelpText("after", RESTORE_NOTES)
    .action((folder: string) => restore(shell, folder));
}

async function save(shell: Shell, folder: string, withKey: boolean): Promise<void> {
  const config = await embedded(
    shell,
    'pg_dump --format=custom --file=trayload.dump "$TRAYLOAD_DATABASE_URL"',
  );
  const { copySqlite } = await import("../../database/index.ts");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = new Date(shell.terminal.nowMs()).toISOString();
  const { file } = await told(() => copySqlite(config.dataDir, folder, at));
  chmodSync(file, 0o600);
  if (withKey) copyFileSync(keyFileOf(config), join(folder, "master-key"));
  shell.show({ file, at, hasKey: withKey }, () => [
    `copied to ${file}`,
    ...(withKey ? [] : [`  its passwords need the master key, which is not in it: ${keyFileOf(config)}`]),
  ]);
}

async function restore(shell: Shell, folder: string): Promise<void> {
  const config = await embedded(shell, 'pg_restore --dbname="$TRAYLOAD_DATABASE_URL" trayload.dump');
  const { restoreSqlite } = await import("../../database/index.ts");
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const key = join(folder, "master-key");
  const own = keyFileOf(config);
  const { former } = await told(() => restoreSqlite(folder, config.dataDir));
  if (existsSync(key) && !existsSync(own)) writeFileSync(own, readFileSync(key), { mode: 0o600, flag: "wx" });
  shell.show({ dataDir: config.dataDir, former, hasKey: existsSync(own) }, () => [
    `restored into ${config.dataDir}`,
    ...(former === null ? [] : [`  what was there: ${former}`]),
    ...(existsSync(own) ? [] : [`  the master key is missing: put it to ${own} before the start`]),
    "  deployments that were under way then are ended at the next start; no machine is touched",
  ]);
}

const keyFileOf = ({ masterKeyFile, dataDir }: Config) => masterKeyFile ?? join(dataDir, "master-key");

/** @throws CommandError `usage` where the database is not this machine's own */
async function embedded({ terminal }: Shell, instead: string): Promise<Config> {
  const config = await readServerConfig(terminal.env);
  if (config.databaseUrl === undefined) return config;
  throw usageError("the database is PostgreSQL, which has its own tools for this", `Use ${instead}.`);
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asCommandError(error, "DatabaseError");
  }
}
