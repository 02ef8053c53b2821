import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getPackages } from "../test/media/packages.ts";
import { findPort } from "../test/kill/ports.ts";

/** The web server that discs are measured beside. */
export interface Nginx {
  /** Of its one worker's parent; both are its family. */
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

const START_MS = 10_000;

/**
 * Debian's nginx with one worker, without a log of each request, which would cost it time; every file of a folder is served.
 *
 * @param sendfile whether the kernel hands the file to the socket (Debian's setting), or nginx copies it (its own default)
 * @throws Error when it does not start
 */
export async function startNginx(root: string, sendfile: "on" | "off"): Promise<Nginx> {
  const folder = mkdtempSync(join(root, "../nginx-"));
  const program = join(await getPackages("nginx", ["nginx"]), "usr/sbin/nginx");
  const port = await findPort();
  const config = join(folder, "nginx.conf");
  writeFileSync(config, configOf(folder, { root, port, sendfile }));
  const child = spawn(program, ["-p", folder, "-e", join(folder, "nginx-errors"), "-c", config], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  const until = performance.now() + START_MS;
  while (!(await isThere(port))) {
    if (child.exitCode !== null || performance.now() > until) throw new Error("nginx did not start");
    await sleep(20);
  }
  return {
    pid: child.pid!,
    port,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** A connection may carry as many requests as one of ours. */
function configOf(
  folder: string,
  { root, port, sendfile }: { root: string; port: number; sendfile: string },
): string {
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (what) => `${what}_temp_path ${folder}/${what};`,
  );
  return `daemon off; worker_processes 1; user root; pid ${folder}/nginx.pid;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http {
  sendfile ${sendfile}; tcp_nopush on; types_hash_max_size 2048; keepalive_requests 1000000000; access_log off;
  ${kept.join(" ")}
  server { listen 127.0.0.1:${port} backlog=4096; root ${root}; }
}
`;
}

function isThere(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", port, method: "HEAD", agent: false }, (response) => {
      response.resume();
      resolve(true);
    });
    asked.on("error", () => resolve(false)).end();
  });
}
