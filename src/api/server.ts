import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, isIPv6, type Socket } from "node:net";
import type { Express } from "express";
import { createScopes } from "./access/scope.ts";
import { createApp } from "./app.ts";
import type { ApiParts, Certificate } from "./parts.ts";
import { createFeed } from "./stream/feed.ts";
import { createHolds } from "./stream/hold.ts";
import { createOutlooks } from "./stream/outlooks.ts";
import { createSamples } from "./stream/samples.ts";
import { SSE_PACE } from "./stream/sse.ts";

export interface Api {
  /** For a server of one's own. */
  handler: Express;
  /** @param at port 0 takes a free one. @returns the URL that leads there */
  listen(at: { host: string; port: number }): Promise<string>;
  /** Refuses new requests, answers held ones at once, ends streams, and waits up to `graceMs` for the rest. */
  close(graceMs?: number): Promise<void>;
}

/** Builds the API from the ports of the other rooms. */
export function createApi(parts: ApiParts): Api {
  const { lookEveryMs, sampleEveryMs, askAgainMs: _, keysCooldownMs: __, ...ssePace } = parts.pace ?? {};
  const stopping = new AbortController();
  const feed = createFeed({ ...parts, ...(lookEveryMs === undefined ? {} : { lookEveryMs }) });
  const holds = createHolds(parts.records, feed);
  const outlooks = createOutlooks(parts.stepTimes);
  const samples = createSamples({
    ...parts,
    outlooks,
    ...(sampleEveryMs === undefined ? {} : { everyMs: sampleEveryMs }),
  });
  const scopes = createScopes(parts);
  const handler = createApp(
    { ...parts, feed, holds, samples, outlooks, scopes, ssePace: { ...SSE_PACE, ...ssePace } },
    stopping.signal,
  );
  const { certificate } = parts;
  const server = certificate === undefined ? createServer(handler) : secureServer(certificate, handler);
  const closeUnused = watchUnused(server, certificate === undefined ? "connection" : "secureConnection");
  // Longer than the idle time of the usual load balancers, so that it is they who close.
  server.keepAliveTimeout = 65_000;
  server.headersTimeout = 20_000;
  return {
    handler,
    listen: ({ host, port }) => listen(server, certificate === undefined ? "http" : "https", host, port),
    close: async (graceMs = 5000) => {
      stopping.abort();
      feed.close();
      closeUnused();
      await closeServer(server, graceMs);
    },
  };
}

/** Connections that are open keep the certificate that they began with. */
function secureServer(certificate: Certificate, handler: Express): Server {
  const server = createTlsServer({ ...certificate.current(), handshakeTimeout: 10_000 }, handler);
  certificate.onRenewed((pair) => server.setSecureContext(pair));
  return server;
}

async function listen(server: Server, scheme: string, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  const { address, port: taken } = server.address() as AddressInfo;
  return `${scheme}://${isIPv6(address) ? `[${address}]` : address}:${taken}`;
}

/** Browsers and fetch open connections in advance, which Node does not count as idle and would wait for at the end. */
function watchUnused(server: Server, opened: "connection" | "secureConnection"): () => void {
  const unused = new Set<Socket>();
  server.on(opened, (socket: Socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.on("request", ({ socket }) => unused.delete(socket));
  return () => {
    for (const socket of unused) socket.destroy();
  };
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
