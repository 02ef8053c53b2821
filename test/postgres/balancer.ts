import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** One address before several processes. */
export interface Balancer {
  /** Base URLs, without trailing slashes. */
  readonly apiUrl: string;
  readonly provisionUrl: string;
  stop(): Promise<void>;
}

/** Ports of this machine. */
export interface Behind {
  listen: number;
  processes: readonly number[];
}

const START_MS = 45_000;

/**
 * Debian's nginx, as docs/operations.md has it: a call-back that a dying process leaves unanswered is handed to the next one,
 * since it may be told twice; a request of the API is not, as whoever asked knows better how to ask again.
 *
 * @throws Error when it does not start
 */
export async function startBalancer(api: Behind, provision: Behind): Promise<Balancer> {
  const folder = mkdtempSync(join(tmpdir(), "trayload-balancer-"));
  writeFileSync(join(folder, "nginx.conf"), configOf(folder, api, provision));
  const path = [process.env["PATH"], "/usr/sbin"].join(delimiter);
  const given = ["-p", folder, "-e", join(folder, "errors"), "-c", join(folder, "nginx.conf")];
  const child = spawn("nginx", given, { env: { PATH: path }, stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "spawn");
  await untilListening(child, api.listen);
  return {
    apiUrl: `http://127.0.0.1:${api.listen}`,
    provisionUrl: `http://127.0.0.1:${provision.listen}`,
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

function configOf(folder: string, api: Behind, provision: Behind): string {
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (what) => `${what}_temp_path ${folder}/${what};`,
  );
  const those = ({ processes }: Behind) =>
    processes.map((port) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=5s;`).join(" ");
  return `daemon off; worker_processes 1; ${process.getuid?.() === 0 ? "user root;" : ""} pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off; ${kept.join(" ")}
  upstream api { ${those(api)} }
  upstream provision { ${those(provision)} }
  server {
    listen 127.0.0.1:${api.listen} backlog=1024;
    location / { proxy_pass http://api; proxy_buffering off; proxy_read_timeout 90s;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header Host $http_host; }
  }
  server {
    listen 127.0.0.1:${provision.listen} backlog=1024;
    location / { proxy_pass http://provision; proxy_next_upstream error timeout non_idempotent;
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; }
  }
}
`;
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  const until = performance.now() + START_MS;
  while (!(await isThere(port))) {
    if (child.exitCode !== null || performance.now() > until) throw new Error("nginx did not start");
    await sleep(20);
  }
}

function isThere(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
