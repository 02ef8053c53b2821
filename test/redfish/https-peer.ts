import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A self-signed certificate for 127.0.0.1, made anew by openssl for each run. */
export function makeCertificate(): { key: string; cert: string; fingerprint: string } {
  const folder = mkdtempSync(join(tmpdir(), "trayload-cert-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=bmc", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
  const type = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execFileSync("openssl", ["req", "-x509", ...type, "-keyout", key, "-out", cert, ...subject], {
    stdio: "ignore",
  });
  const made = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  rmSync(folder, { recursive: true });
  const digest = createHash("sha256").update(new X509Certificate(made.cert).raw).digest("hex");
  return { ...made, fingerprint: `sha256:${digest}` };
}

/** A peer that answers with the next of the given answers, repeating the last, and remembers what it was asked. */
export interface Peer {
  address: string;
  requests: IncomingMessage[];
  /** Their bodies, as text. */
  bodies: string[];
  /** Connections accepted so far. */
  connections: number;
  stop(): Promise<void>;
}

export type Fixed =
  | { status?: number; headers?: Record<string, string>; body?: string }
  | "hang-up"
  | "silence";
/** A function is asked with the request and its body, and may take its time. */
export type Reply = Fixed | ((request: IncomingMessage, body: string) => Fixed | Promise<Fixed>);

export async function startPeer(replies: Reply[], tls?: { key: string; cert: string }): Promise<Peer> {
  const requests: IncomingMessage[] = [];
  const bodies: string[] = [];
  const listener: RequestListener = (request, response) => {
    const index = requests.push(request) - 1;
    const next = replies[Math.min(requests.length, replies.length) - 1]!;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      bodies[index] = Buffer.concat(chunks).toString();
      const reply = typeof next === "function" ? await next(request, bodies[index]) : next;
      if (reply === "silence") return;
      if (reply === "hang-up") return request.socket.destroy();
      response.writeHead(reply.status ?? 200, reply.headers).end(reply.body);
    });
  };
  const server: Server = tls === undefined ? createPlainServer(listener) : createServer(tls, listener);
  const peer = { address: "", requests, bodies, connections: 0, stop: () => stop(server) };
  server.on("connection", () => (peer.connections += 1));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  peer.address = `${tls === undefined ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return peer;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((done) => server.close(done));
  server.closeAllConnections();
  await closed;
}
