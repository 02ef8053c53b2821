import { createHash } from "node:crypto";
import { Agent as HttpAgent, request } from "node:http";
import { Agent as HttpsAgent, request as secureRequest } from "node:https";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions, getCACertificates, type TLSSocket } from "node:tls";
import { ImageError } from "../errors.ts";
import { type Proxies, proxyFor } from "./proxy.ts";

/** How an image server's certificate is judged where the system's authorities are not enough. */
export interface Trust {
  /** PEM of authorities that count beside the system's. */
  ca?: string;
  /** `sha256:` and 64 hex digits of the DER certificate: this one and no other, whatever it says of itself. */
  fingerprint?: string;
}

type Created = (error: Error | null, stream?: Duplex) => void;

/** Connection agents for one exchange; nothing is kept alive. */
export function agentsFor(
  url: URL,
  trust: Trust,
  proxies: Proxies,
  connectMs: number,
): { http?: HttpAgent; https?: HttpsAgent } {
  const proxy = proxyFor(url, proxies);
  if (url.protocol === "https:") return { https: new JudgingAgent(trust, proxy, connectMs) };
  if (proxy === undefined) return {};
  return { http: new HttpAgent({ proxyEnv: { HTTP_PROXY: proxy.href } }) };
}

/**
 * Judges the certificate before the socket is handed over, so that no credential is sent to the wrong peer, and tunnels
 * through a proxy (RFC 9110, 9.3.6). Node calls `checkServerIdentity` only for certificates that chain to a known CA, so
 * a pin cannot be checked there.
 */
class JudgingAgent extends HttpsAgent {
  readonly #trust: Trust;
  readonly #proxy: URL | undefined;
  readonly #connectMs: number;

  constructor(trust: Trust, proxy: URL | undefined, connectMs: number) {
    super({ maxCachedSessions: 0 });
    this.#trust = trust;
    this.#proxy = proxy;
    this.#connectMs = connectMs;
  }

  override createConnection(
    options: object,
    whenCreated?: (error: Error | null, stream: Duplex) => void,
  ): null {
    const wanted = options as ConnectionOptions & { host: string; port: number };
    const created = whenCreated as Created;
    const secure = (socket?: Duplex): void => this.#secure(wanted, socket, created);
    if (this.#proxy === undefined) secure();
    else tunnel(this.#proxy, `${bracketed(wanted.host)}:${wanted.port}`, this.#connectMs, created, secure);
    return null;
  }

  #secure(wanted: ConnectionOptions, socket: Duplex | undefined, created: Created): void {
    const { ca, fingerprint } = this.#trust;
    const tls = connect({
      ...wanted,
      ...(socket === undefined ? {} : { socket }),
      ...(ca === undefined ? {} : { ca: [...getCACertificates(), ca] }),
      rejectUnauthorized: false,
    });
    const late = setTimeout(() => tls.destroy(timedOut()), this.#connectMs);
    const failed = (error: Error): void => {
      clearTimeout(late);
      created(error);
    };
    tls.once("error", failed).once("secureConnect", () => {
      clearTimeout(late);
      tls.off("error", failed);
      const offence = judge(tls, fingerprint, `${wanted.host}:${wanted.port}`);
      if (offence === undefined) return created(null, tls);
      tls.destroy();
      created(offence);
    });
  }
}

/** Gives the error that forbids this socket, or undefined when it may be used. */
function judge(tls: TLSSocket, pinned: string | undefined, peer: string): ImageError | undefined {
  const certificate = tls.getPeerX509Certificate();
  const digest =
    certificate === undefined ? "none" : createHash("sha256").update(certificate.raw).digest("hex");
  if (pinned === undefined ? tls.authorized : pinned.toLowerCase().replace(/^sha256:/, "") === digest)
    return undefined;
  const what =
    pinned === undefined ? `not trusted (${String(tls.authorizationError)})` : "not the pinned one";
  return new ImageError(`The certificate of ${peer}, sha256:${digest}, is ${what}`, {
    code: "image-certificate-untrusted",
    retryable: false,
    hint: "Give the image's tls: the PEM of its authority as ca, or the certificate's fingerprint.",
  });
}

/** Asks a proxy for a connection. A proxy is the operator's own choice: it is reached wherever it is. */
function tunnel(
  proxy: URL,
  authority: string,
  connectMs: number,
  created: Created,
  secure: (socket: Duplex) => void,
): void {
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;
  const asking = (proxy.protocol === "https:" ? secureRequest : request)({
    host: proxy.hostname.replaceAll(/^\[|\]$/g, ""),
    port: proxy.port || (proxy.protocol === "https:" ? 443 : 80),
    method: "CONNECT",
    path: authority,
    agent: false,
    headers: {
      host: authority,
      ...(proxy.username === "" ? {} : { "proxy-authorization": authorization }),
    },
    timeout: connectMs,
  });
  asking.on("timeout", () => asking.destroy(timedOut()));
  asking.on("error", (error) => created(error));
  asking.on("connect", (response, socket) => {
    if (response.statusCode === 200) return secure(socket);
    socket.destroy();
    created(new Error(`the proxy ${proxy.host} answered ${response.statusCode}`));
  });
  // A proxy that answers CONNECT like an ordinary request, as web servers do.
  asking.on("response", (response) => {
    response.destroy();
    created(new Error(`the proxy ${proxy.host} answered ${response.statusCode}`));
  });
  asking.end();
}

const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

function timedOut(): Error {
  return Object.assign(new Error("timed out"), { code: "ETIMEDOUT" });
}
