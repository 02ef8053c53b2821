import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "./certificate.ts";
import type { Profile } from "./profile.ts";

/** The origin of one BMC. */
export interface Origin {
  /** `http://127.0.0.1:PORT` or https. */
  readonly address: string;
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
  const server =
    certificate === null
      ? createPlainServer(timing, handle)
      : createTlsServer({ ...timing, ...profile.tls, key: certificate.key, cert: certificate.cert }, handle);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(listen.port, listen.host, resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  const host = address.includes(":") ? `[${address}]` : address;
  return {
    address: `${certificate === null ? "http" : "https"}://${host}:${port}`,
    dropConnections: () => server.closeAllConnections(),
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

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
