import { createHash } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { RedfishError } from "./errors.ts";

/** How a BMC's certificate is judged. `fingerprint` is `sha256:` and 64 hex digits of the DER certificate. */
export type TlsMode =
  | { mode: "verify"; ca?: string }
  | { mode: "pin"; fingerprint: string }
  | { mode: "insecure" };

/** BMCs have few sockets to give; two in flight let a read overtake a slow action. */
const LIMITS = { keepAlive: true, maxSockets: 2, maxFreeSockets: 1 };

/** Connection agents of one BMC; `destroy` both when done with it. */
export function createBmcAgents(tls: TlsMode): { http: HttpAgent; https: HttpsAgent } {
  return { http: new HttpAgent(LIMITS), https: new JudgingAgent(tls) };
}

type Created = (error: Error | null, stream: Duplex) => void;

/**
 * Judges the certificate before the socket is handed over, so that no credential is ever sent to the wrong peer.
 *
 * Node calls `checkServerIdentity` only for certificates that chain to a known CA: with `rejectUnauthorized: false` a
 * pin checked there is never checked at all. Sessions are not resumed, since a resumed one skips the name check.
 */
class JudgingAgent extends HttpsAgent {
  readonly #tls: TlsMode;

  constructor(tls: TlsMode) {
    super(LIMITS);
    this.#tls = tls;
  }

  override createConnection(options: object, created?: Created): null {
    const ca = this.#tls.mode === "verify" && this.#tls.ca !== undefined ? { ca: this.#tls.ca } : {};
    const wanted = { ...(options as ConnectionOptions), ...ca, rejectUnauthorized: false };
    const socket = connect(wanted);
    const failed = (error: Error) => created?.(error, socket);
    socket.once("error", failed);
    socket.once("secureConnect", () => {
      socket.off("error", failed);
      const offence = judge(this.#tls, socket, `${wanted.host}:${wanted.port}`);
      if (offence === undefined) return created?.(null, socket);
      socket.destroy();
      created?.(offence, socket);
    });
    return null;
  }
}

/** Gives the error that forbids this socket, or undefined when it may be used. */
function judge(tls: TlsMode, socket: TLSSocket, peer: string): RedfishError | undefined {
  const raw = socket.getPeerX509Certificate()?.raw;
  const fingerprint = raw === undefined ? "none" : `sha256:${createHash("sha256").update(raw).digest("hex")}`;
  if (tls.mode === "insecure") return undefined;
  const facts = { retryable: false, fingerprint } as const;
  if (tls.mode === "pin") {
    if (tls.fingerprint.toLowerCase() === fingerprint) return undefined;
    return new RedfishError(`${peer} offers certificate ${fingerprint}, but ${tls.fingerprint} is pinned`, {
      ...facts,
      code: "bmc-certificate-changed",
      hint: `If its certificate was renewed on purpose, set bmc.tls to ${pinned(fingerprint)}; nothing was sent to it.`,
    });
  }
  if (socket.authorized) return undefined;
  return new RedfishError(
    `the certificate of ${peer} cannot be verified: ${String(socket.authorizationError)}`,
    {
      ...facts,
      code: "bmc-certificate-untrusted",
      hint: `Compare ${fingerprint} with what the BMC's own page shows, then set bmc.tls to ${pinned(fingerprint)}, or give its CA.`,
    },
  );
}

function pinned(fingerprint: string): string {
  return JSON.stringify({ mode: "pin", fingerprint });
}
