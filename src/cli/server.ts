import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { usageError } from "./exit.ts";

/** Which server to speak to, and as whom. */
export interface Server {
  /** Without a trailing slash. */
  url: string;
  token: string | undefined;
  /** What to do when the token is refused. */
  tokenHint: string;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * `--url`, else `TRAYLOAD_URL`, else where a server with this environment listens; `TRAYLOAD_TOKEN`, else the admin token
 * of this machine's server. That one is shown to this machine alone: a server elsewhere is another one.
 *
 * @throws CommandError `usage` when a setting cannot stand
 */
export async function findServer(given: string | undefined, env: NodeJS.ProcessEnv): Promise<Server> {
  const named = given ?? (env["TRAYLOAD_URL"] || undefined);
  const url =
    named === undefined ? await ownUrl(env) : checkUrl(named, given === undefined ? "TRAYLOAD_URL" : "--url");
  const token = env["TRAYLOAD_TOKEN"];
  if (token) return { url, token: checkToken(token), tokenHint: "The token came from TRAYLOAD_TOKEN." };
  if (!LOOPBACK.test(new URL(url).hostname)) {
    throw usageError(
      `${url} is another machine, and no token is given for it`,
      "Set TRAYLOAD_TOKEN; the admin token of this machine's data directory is not sent elsewhere.",
    );
  }
  return { url, ...(await ownToken(env)) };
}

function checkUrl(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw usageError(`${source} must be a URL like http://127.0.0.1:8080`);
  if (url.username !== "" || url.password !== "")
    throw usageError(`${source} must not hold a user or password; the token goes into TRAYLOAD_TOKEN`);
  return url.href.replace(/\/+$/, "");
}

function checkToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usageError("TRAYLOAD_TOKEN must be one word of printable characters");
}

/**
 * Loaded only when wanted: it reads every setting of the server.
 *
 * @throws CommandError `usage`
 */
export async function readServerConfig(env: NodeJS.ProcessEnv) {
  const { ConfigError, readConfig } = await import("../config.ts");
  try {
    return readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) throw usageError(error.message);
    throw error;
  }
}

async function ownUrl(env: NodeJS.ProcessEnv): Promise<string> {
  const { listen, tls } = (await readServerConfig(env)).api;
  const { host, port } = listen;
  const isAny = host === undefined || host === "0.0.0.0" || host === "::";
  const name = isAny ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  if (tls === undefined) return `http://${name}:${port}`;
  // Whoever may read the server's settings may take its certificate for what it is, whoever signed it.
  setDefaultCACertificates([...getCACertificates(), readFileSync(tls.certFile, "utf8")]);
  return `https://${name}:${port}`;
}

async function ownToken(env: NodeJS.ProcessEnv): Promise<Pick<Server, "token" | "tokenHint">> {
  const { adminToken, dataDir } = await readServerConfig(env);
  if (adminToken !== undefined)
    return { token: adminToken, tokenHint: "The token came from TRAYLOAD_ADMIN_TOKEN." };
  const file = join(dataDir, "admin-token");
  try {
    return { token: readFileSync(file, "utf8").trim(), tokenHint: `The token came from ${file}.` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Whether a server answers at all is the better first news.
    return {
      token: undefined,
      tokenHint: `Set TRAYLOAD_TOKEN; the server's own token is not to be had (${code} for ${file}).`,
    };
  }
}
