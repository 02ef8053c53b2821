import { createHash } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions, createSecureContext, type TLSSocket } from "node:tls";
import { RedfishError } from "./errors.ts";

/** How a BMC's certificate is judged. `fingerprint` is `sha256:` and 64 hex digits of the DER certificate. */
export type TlsMode =
  | { mode: "verify"; ca?: string }
  | { mode: "pin"; fingerprint: string }
  | { mode: "insecure" };

/** What a TLS peer showed of itself. */
export interface OfferedCertificate {
  /** As in `TlsMode`. */
  fingerprint: string;
  /** `TLSv1.2`. */
  protocol: string;
  /** End of its validity, as OpenSSL spells it. */
  validTo: string;
}

/** Told what each new connection was offered, before it is judged. */
export type OnOffered = (offered: OfferedCertificate) => void;

/** BMCs have few sockets to give; several in flight let a read overtake a slow action. */
const LIMITS = { keepAlive: true, maxSockets: 4, maxFreeSockets: 1 };

/** Connection agents of one BMC; `destroy` both when done with it. */
export function createBmcAgents(
  tls: TlsMode,
  connectMs: number,
  onOffered: OnOffered,
): { http: HttpAgent; https: HttpsAgent } {
  return { http: new HttpAgent(LIMITS), https: new JudgingAgent(tls, connectMs, onOffered) };
}

/** What connections without a CA of their own have in common; made once, as each takes time and memory. */
let usual: ReturnType<typeof createSecureContext> | undefined;

type Created = (error: Error | null, stream: Duplex) => void;

/**
 * Judges the certificate before the socket is handed over, so that no credential is ever sent to the wrong peer.
 *
 * Node calls `checkServerIdentity` only for certificates that chain to a known CA: with `rejectUnauthorized: false` a
 * pin checked there is never checked at all. Sessions are not resumed, since a resumed one skips the name check.
 */
class JudgingAgent extends HttpsAgent {
  readonly #tls: TlsMode;
  readonly #connectMs: number;
  readonly #onOffered: OnOffered;

  constructor(tls: TlsMode, connectMs: number, onOffered: OnOffered) {
    super(LIMITS);
    this.#tls = tls;
    this.#connectMs = connectMs;
    this.#onOffered = onOffered;
  }

  override createConnection(options: object, created?: Created): null {
    const hasCa = this.#tls.mode === "verify" && this.#tls.ca !== undefined;
    const ca = hasCa ? { ca: this.#tls.ca } : { secureContext: (usual ??= createSecureContext()) };
    const wanted = { ...(options as ConnectionOptions), ...ca, rejectUnauthorized: false };
    const peer = `${wanted.host}:${wanted.port}`;
    const socket = connect(wanted);
    const late = setTimeout(
      () => socket.destroy(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" })),
      this.#connectMs,
    );
    const failed = (error: Error) => {
      clearTimeout(late);
      created?.(notConnected(peer, error), socket);
    };
    socket.once("error", failed);
    socket.once("secureConnect", () => {
      clearTimeout(late);
      socket.off("error", failed);
      const offered = readOffered(socket);
      if (offered !== undefined) this.#onOffered(offered);
      const offence = judge(this.#tls, socket, peer, offered?.fingerprint ?? "none");
      if (offence === undefined) return created?.(null, socket);
      socket.destroy();
      created?.(offence, socket);
    });
    return null;
  }
}

/** The error of a connection that never stood: whatever was to be sent on it has not left. */
function notConnected(peer: string, cause: Error & { code?: string }): RedfishError {
  return new RedfishError(`no TLS connection to ${peer} (${cause.code ?? cause.message})`, {
    code: "bmc-unreachable",
    retryable: true,
    hint: "Check the BMC's address, its network and that its web server speaks TLS 1.2 or newer.",
    cause,
  });
}

function readOffered(socket: TLSSocket): OfferedCertificate | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const digest = createHash("sha256").update(certificate.raw).digest("hex");
  const protocol = socket.getProtocol() ?? "TLS";
  return { fingerprint: `sha256:${digest}`, protocol, validTo: certificate.validTo };
}

/** Gives the error that forbids this socket, or undefined when it may be used. */
function judge(tls: TlsMode, socket: TLSSocket, peer: string, fingerprint: string): RedfishError | undefined {
  if (tls.mode === "insecure") return undefined;
  const facts = { retryable: false, fingerprint } as const;
  if (tls.mode === "pin") {
    if (tls.fingerprint.toLowerCase() === fingerprint) return undefined;
    return new RedfishError(`${peer} offers certificate ${fingerprint}, but ${tls.fingerprint} is pinned`, {
      ...facts,
      code: "bmc-certificate-changed",
      hint: `If its certificate was renewed on purpose, run ${pinning(fingerprint)}; nothing was sent to it.`,
    });
  }
  if (socket.authorized) return undefined;
  return new RedfishError(
    `the certificate of ${peer} cannot be verified: ${String(socket.authorizationError)}`,
    {
      ...facts,
      code: "bmc-certificate-untrusted",
      hint: `Compare ${fingerprint} with what the BMC's own page shows, then run ${pinning(fingerprint)}, or give its CA.`,
    },
  );
}

/** The command that pins it; the node's name is not known here. */
export function pinning(fingerprint: string): string {
  return `trayload node set <node> --tls-pin ${fingerprint}`;
}
