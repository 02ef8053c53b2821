import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificate, makeCertificate } from "../bmc-simulator/certificate.ts";

/** The registry that Docker wrote and everybody's descends from, on loopback, with TLS and a log-in. */
export interface RegistryServer {
  /** `127.0.0.1:port`. */
  host: string;
  login: { username: string; password: string };
  certificate: Certificate;
  /** A folder as TRAYLOAD_OCI_CERTS wants it. */
  certsFolder: string;
  /** A file as TRAYLOAD_OCI_AUTH_FILE wants it. */
  authFile: string;
  stop(): Promise<void>;
}

const LOGIN = { username: "trayload", password: "canary-of-the-registry" };
/** Of that password; the registry takes bcrypt alone. */
const HTPASSWD = "trayload:$2b$04$6aeBFb6SBATt.Qkbr71af.DJhn6m/dxif4kAJAuMOjzWmTu7imEAO\n";

/**
 * For a `before` hook: skips the suite where no registry is installed, and says how to get it. With CI=true nothing is
 * skipped: what is missing fails the suite.
 */
export function needRegistry(context: Mocha.Context): void {
  try {
    execFileSync("docker-registry", ["--version"], { stdio: "ignore" });
    return;
  } catch {
    const remedy = "apt-get install --no-install-recommends docker-registry";
    if (process.env["CI"] === "true") throw new Error(`no registry can be started; ${remedy}`);
    console.warn(`    skipped, as no registry can be started here: ${remedy}`);
    context.skip();
  }
}

export async function startRegistry(): Promise<RegistryServer> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-registry-"));
  const certificate = makeCertificate();
  const host = `127.0.0.1:${await findPort()}`;
  const at = (name: string): string => join(folder, name);
  writeFileSync(at("key.pem"), certificate.key);
  writeFileSync(at("cert.pem"), certificate.cert);
  writeFileSync(at("htpasswd"), HTPASSWD);
  mkdirSync(at(`certs/${host}`), { recursive: true });
  writeFileSync(at(`certs/${host}/ca.crt`), certificate.cert);
  const auth = btoa(`${LOGIN.username}:${LOGIN.password}`);
  writeFileSync(at("auth.json"), JSON.stringify({ auths: { [host]: { auth } } }));
  writeFileSync(at("config.json"), JSON.stringify(configOf(host, at)));
  const child = spawn("docker-registry", ["serve", at("config.json")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await listening(child);
  return {
    host,
    login: LOGIN,
    certificate,
    certsFolder: at("certs"),
    authFile: at("auth.json"),
    async stop() {
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

/** YAML takes JSON. */
function configOf(host: string, at: (name: string) => string): object {
  return {
    version: 0.1,
    log: { level: "info" },
    storage: { filesystem: { rootdirectory: at("data") } },
    http: { addr: host, tls: { certificate: at("cert.pem"), key: at("key.pem") } },
    auth: { htpasswd: { realm: "trayload's tests", path: at("htpasswd") } },
  };
}

async function listening(child: ChildProcess): Promise<void> {
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4000);
    if (/listening on/.test(said)) resolve();
  });
  child.once("exit", () => reject(new Error(`the registry ended:\n${said}`)));
  await promise;
}

async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
