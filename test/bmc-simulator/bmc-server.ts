import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "./certificate.ts";
import type { Profile } from "./profile.ts";

/** The origin of one BMC. */
export interface Origin {
  /** `http://127.0.0.1:PORT` or https. */
  readonly address: string;
  /** Of the certificate that is shown, `sha256:…`; null over plain HTTP. */
  readonly fingerprint: string | null;
  /** Shows another from the next connection on, and cuts those there are. @throws TypeError over plain HTTP */
  changeCertificate(next: Certificate): void;
  dropConnections(): void;
  close(): Promise<void>;
}

export interface Listen {
  host: string;
  /** 0 for a free one. */
  port: number;
}

/** A body above this is cut off: no Redfish request is so long. */
const BODY_LIMIT = 1_048_576;

/** @throws Error with `code` EADDRINUSE and the like when the address cannot be listened on */
export async function openOrigin(
  listen: Listen,
  certificate: Certificate | null,
  profile: Profile,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Origin> {
  // One long interval each: a thousand servers must not wake the process every 30 seconds.
  const timing = { keepAliveTimeout: 60_000, connectionsCheckingInterval: 600_000 };
  const secure = certificate && createTlsServer({ ...timing, ...profile.tls, ...pemOf(certificate) }, handle);
  const server = secure ?? createPlainServer(timing, handle);
  let shown = certificate;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(listen.port, listen.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  const host = address.includes(":") ? `[${address}]` : address;
  return {
    address: `${secure === null ? "http" : "https"}://${host}:${port}`,
    get fingerprint() {
      return shown?.fingerprint ?? null;
    },
    changeCertificate(next) {
      if (secure === null) throw new TypeError("a BMC over plain HTTP has no certificate to change");
      secure.setSecureContext({ ...profile.tls, ...pemOf(next) });
      shown = next;
      // Resumed sessions and kept-alive connections would go on with the old one.
      server.closeAllConnections();
    },
    dropConnections: () => server.closeAllConnections(),
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const pemOf = ({ key, cert }: Certificate): { key: string; cert: string } => ({ key, cert });

/**
 * Reads a request's body as JSON: undefined when empty, a SyntaxError (as a value) when it is none.
 *
 * @throws Error when the connection ended or the body is too long
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    text += chunk;
    if (text.length > BODY_LIMIT) throw new Error("the request body is too long");
  }
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}
