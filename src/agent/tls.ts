import { X509Certificate } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions } from "node:tls";
import { AgentError } from "./errors.ts";

/** An agent serves one command at a time; a second connection lets a look overtake it. */
const LIMITS = { keepAlive: true, maxSockets: 2, maxFreeSockets: 1 };

/** Connections to one agent; destroy it when done with it. */
export function createConnections(
  callbackUrl: string,
  certificate: string | null,
  connectMs: number,
): HttpAgent {
  if (callbackUrl.startsWith("http:")) return new HttpAgent(LIMITS);
  return new PinningAgent(certificate, connectMs);
}

type Created = (error: Error | null, stream: Duplex) => void;

/**
 * Compares the certificate with the one of the agent's heartbeat before the socket is handed over, so that the token goes
 * to no other peer. The exact certificate is asked for and nothing else of it: a machine's clock may be years off.
 * Without one from a heartbeat, it must be vouched for by a CA of the system.
 */
class PinningAgent extends HttpsAgent {
  readonly #pinned: Buffer | undefined;
  readonly #connectMs: number;

  constructor(certificate: string | null, connectMs: number) {
    super({ ...LIMITS, maxCachedSessions: 0 });
    this.#pinned = certificate === null ? undefined : new X509Certificate(certificate).raw;
    this.#connectMs = connectMs;
  }

  override createConnection(options: object, created?: Created): null {
    const wanted = { ...(options as ConnectionOptions), minVersion: "TLSv1.2" } as const;
    const peer = `${wanted.host}:${wanted.port}`;
    const socket = connect({ ...wanted, rejectUnauthorized: this.#pinned === undefined });
    const late = setTimeout(() => socket.destroy(new Error("timed out")), this.#connectMs);
    const failed = (cause: Error): void => {
      clearTimeout(late);
      created?.(notConnected(peer, cause), socket);
    };
    socket.once("error", failed);
    socket.once("secureConnect", () => {
      clearTimeout(late);
      socket.off("error", failed);
      const isAgents = this.#pinned?.equals(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0)) ?? true;
      if (isAgents) return created?.(null, socket);
      socket.destroy();
      created?.(changed(peer), socket);
    });
    return null;
  }
}

/** The error of a connection that never stood: whatever was to be sent on it has not left. */
function notConnected(peer: string, cause: Error & { code?: string }): AgentError {
  return new AgentError(`no TLS connection to the agent at ${peer} (${cause.code ?? cause.message})`, {
    code: "agent-unreachable",
    retryable: true,
    hint: "Trayload must reach port 9999 of the machine; a firewall between them is the usual cause.",
    cause,
  });
}

function changed(peer: string): AgentError {
  return new AgentError(`${peer} shows another certificate than the agent's heartbeat did`, {
    code: "agent-certificate-changed",
    retryable: false,
    hint: "The agent was restarted, or another machine has its address; nothing was sent to it. What its step did may be half done: deploy again.",
  });
}
