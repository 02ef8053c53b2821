import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import pg from "pg";

/** A PostgreSQL of our own: on a unix socket in a temporary folder, gone at the end. */
export interface PostgresServer {
  url: string;
  /** Makes one more database, empty. @returns its URL */
  createDatabase(name: string): Promise<string>;
  /** Ends it at once, as a crash of the host would, but for what the system has buffered. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

/**
 * For a `before` hook: skips the suite where PostgreSQL is not installed, and says how to get it. With CI=true nothing is
 * skipped: what is missing fails the suite.
 */
export function needPostgres(context: Mocha.Context): void {
  if (findPrograms() !== undefined) return;
  const remedy = "apt-get install --no-install-recommends postgresql";
  if (process.env["CI"] === "true") throw new Error(`no PostgreSQL can be started; ${remedy}`);
  console.warn(`    skipped, as no PostgreSQL can be started here: ${remedy}`);
  context.skip();
}

/** The folder with initdb and postgres, the newest where there are several: Debian keeps them off the PATH. */
function findPrograms(): string | undefined {
  const version = (folder: string) => Number(/\d+/.exec(folder)?.[0] ?? 0);
  const ofDebian = globSync("/usr/lib/postgresql/*/bin").toSorted((a, b) => version(b) - version(a));
  const onPath = (process.env["PATH"] ?? "").split(delimiter);
  return [...ofDebian, ...onPath].find((folder) => existsSync(join(folder, "initdb")));
}

/** PostgreSQL refuses to run as root, so that root starts it as somebody who may do nothing else. */
function chooseUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

/** A language with an order of its own, where initdb can be told so: nothing may depend on it. */
function speaking(programs: string): string[] {
  const told = execFileSync(join(programs, "initdb"), ["--version"], { encoding: "utf8" });
  const version = Number(/\d+/.exec(told)?.[0]);
  return version >= 15
    ? ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"]
    : ["--locale=C.UTF-8"];
}

export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPrograms()!;
  const user = chooseUser();
  const folder = mkdtempSync(join(tmpdir(), "trayload-pg-"));
  chmodSync(folder, 0o700);
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  const data = join(folder, "data");
  const initdb = [
    "-D",
    data,
    "-U",
    "trayload",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--no-sync",
    ...speaking(programs),
  ];
  execFileSync(join(programs, "initdb"), initdb, { ...user, cwd: folder, stdio: "pipe" });
  let server: ChildProcess | undefined;
  const start = async () => {
    // Autovacuum has transactions of its own, which would hold back what the tests expect to see at once. A process takes
    // up to ten connections, and some suites have many processes.
    const settings = ["listen_addresses=", "autovacuum=off", "max_connections=300"].flatMap((setting) => [
      "-c",
      setting,
    ]);
    const options: SpawnOptions = { ...user, cwd: folder, stdio: ["ignore", "ignore", "pipe"] };
    const started = spawn(join(programs, "postgres"), ["-D", data, "-k", folder, ...settings], options);
    server = started;
    await untilReady(started);
  };
  const end = async (signal: "SIGINT" | "SIGQUIT") => {
    const ending = server;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resume) => ending.once("exit", resume));
    ending.kill(signal);
    await ended;
  };
  await start();
  const urlOf = (database: string) => `postgres:///${database}?host=${folder}&user=trayload`;
  return {
    url: urlOf("postgres"),
    async createDatabase(name) {
      const client = new pg.Client(urlOf("postgres"));
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return urlOf(name);
    },
    start,
    kill: () => end("SIGQUIT"),
    async remove() {
      await end("SIGINT");
      rmSync(folder, { recursive: true });
    },
  };
}

function untilReady(server: ChildProcess): Promise<void> {
  let log = "";
  return new Promise((resume, fail) => {
    server.stderr!.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      if (log.includes("ready to accept connections")) resume();
    });
    server.once("error", fail);
    server.once("exit", () => fail(new Error(`PostgreSQL did not start:\n${log}`)));
  });
}
