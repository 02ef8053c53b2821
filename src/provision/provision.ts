import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { ipKeyGenerator } from "express-rate-limit";
import { hashOf } from "../deploy/index.ts";
import { type Agents, createAgents } from "./agents.ts";
import { createAllowance } from "./allowance.ts";
import { answerEmpty } from "./answer.ts";
import { type Callbacks, createCallbacks } from "./callbacks.ts";
import { createDiscs, type Discs } from "./discs.ts";
import { ProvisionError } from "./errors.ts";
import { createEvents, type Events } from "./events.ts";
import { createFiles, type Files } from "./files.ts";
import { rememberDiscs } from "./known-discs.ts";
import { type Certificate, LIMITS, type ProvisionLimits, type ProvisionParts } from "./parts.ts";
import { readPath } from "./paths.ts";
import { plainAddress } from "./readers.ts";

/** Where to listen. */
interface ListenAt {
  host?: string | undefined;
  port: number;
  isShared?: boolean;
  /** With it https is spoken there. */
  certificate?: Certificate;
}

/** The listener that BMCs, ramdisks and installers see. */
export interface Provision {
  /**
   * May be called for several addresses.
   *
   * @param at port 0 takes a free one; without a host, all addresses of both families; a shared port is one that other
   *   processes of this user listen on too, and connections are spread over all of them (SO_REUSEPORT)
   * @returns where it listens
   * @throws ProvisionError `provision-listen-failed`
   */
  listen(at: ListenAt): Promise<{ address: string; port: number }>;
  /** Ends answers after `graceMs`, 2 s unless told, and keeps all that was counted. */
  close(graceMs?: number): Promise<void>;
}

/** Builds the listener from the ports of the other rooms. Nothing happens before `listen`. */
export function createProvision(parts: ProvisionParts): Provision {
  const limits: ProvisionLimits = { ...LIMITS, ...parts.limits };
  const discs = createDiscs(parts, limits);
  const files = createFiles(parts, limits);
  const events = createEvents(parts, limits);
  const running = new Set<Promise<void>>();
  const handle = createHandler(parts, limits, {
    discs,
    files,
    callbacks: createCallbacks(parts, limits),
    events,
    agents: createAgents(parts, limits),
  });
  const servers: Server[] = [];
  return {
    async listen(at) {
      const server = boundServer(parts, limits, at.certificate, (request, response) => {
        const run = handle(request, response).finally(() => running.delete(run));
        running.add(run);
      });
      servers.push(server);
      return listen(server, at);
    },
    async close(graceMs = 2_000) {
      await Promise.all(servers.map((server) => closeServer(server, graceMs)));
      await Promise.all(running);
      events.close();
      await Promise.all([discs.close(), files.close()]);
    },
  };
}

interface Handlers {
  discs: Discs;
  files: Files;
  callbacks: Callbacks;
  agents: Agents;
  events: Events;
}

/** Answers every request, and never throws. */
function createHandler(
  { exposures, clock, log }: ProvisionParts,
  limits: ProvisionLimits,
  { discs, files, callbacks, agents, events }: Handlers,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const served = rememberDiscs(exposures, limits.knownMs);
  const misses = createAllowance({ atOnce: limits.missesAtOnce, perSecond: limits.missesPerSecond }, clock);
  const complaints = createAllowance({ atOnce: 1, perSecond: 1 / 60 }, clock);
  // A database that is away fails every read of every BMC, in the same way.
  const failures = createAllowance({ atOnce: 10, perSecond: 1 }, clock);

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? "";
    const asked = readPath(target);
    // Always one hash and one look, so that the time tells nothing of a guess.
    const exposure = await served.find(hashOf(asked?.secret ?? target));
    if (asked?.kind === "disc" && exposure?.kind === "disc") {
      if (await discs.serve(request, response, exposure)) return;
    } else if (asked?.kind === "file" && exposure?.kind === "file")
      return files.serve(request, response, exposure);
    else if (asked?.kind === "callback" && exposure?.kind === "callback")
      return callbacks.take(request, response, exposure);
    else if (asked?.kind === "events" && exposure?.kind === "events")
      return events.take(request, response, exposure);
    else if (asked?.kind === "agent" && exposure?.kind === "agent")
      return agents.take(request, response, exposure, asked.below);
    miss(request, response);
  }

  /** Only who asks for what is not there is counted, so that a scanner beside a BMC does not stop its disc. */
  function miss(request: IncomingMessage, response: ServerResponse): void {
    const source = ipKeyGenerator(plainAddress(request.socket.remoteAddress ?? ""), 64);
    // A body that nobody wants is not read to its end.
    const headers = { connection: "close" };
    if (misses.take(source)) return answerEmpty(response, 404, headers);
    if (complaints.take(source)) log.warn({ source }, "somebody asks for many paths that do not exist");
    answerEmpty(response, 429, { ...headers, "retry-after": Math.ceil(1 / limits.missesPerSecond) });
  }

  return async (request, response) => {
    try {
      await route(request, response);
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      if (failures.take(""))
        log.error({ error, method: request.method }, "a request to the provisioning listener failed");
      if (response.headersSent) response.destroy();
      else answerEmpty(response, 503, { "retry-after": 5 });
    }
  };
}

function boundServer(
  { log, clock }: ProvisionParts,
  limits: ProvisionLimits,
  certificate: Certificate | undefined,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const { headerMs: headersTimeout, requestMs: requestTimeout, idleMs: keepAliveTimeout } = limits;
  const connectionsCheckingInterval = Math.min(1_000, headersTimeout);
  const timeouts = { headersTimeout, requestTimeout, keepAliveTimeout, connectionsCheckingInterval };
  const server =
    certificate === undefined
      ? createServer(timeouts, onRequest)
      : secureServer(certificate, { ...timeouts, handshakeTimeout: headersTimeout }, onRequest);
  server.timeout = limits.stallMs;
  server.maxConnections = limits.connections;
  const complaints = createAllowance({ atOnce: 1, perSecond: 1 / 60 }, clock);
  server.on("drop", () => {
    // Those who wait between two requests can come again; whoever was dropped could not come at all.
    server.closeIdleConnections();
    if (complaints.take("")) log.warn({ connections: limits.connections }, "no more connections are taken");
  });
  return server;
}

/** Connections that are open keep the certificate that they began with. */
function secureServer(
  certificate: Certificate,
  timeouts: ServerOptions & { handshakeTimeout: number },
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createTlsServer({ ...timeouts, ...certificate.current() }, onRequest);
  certificate.onRenewed((pair) => server.setSecureContext(pair));
  return server;
}

async function listen(
  server: Server,
  { host, port, isShared = false }: ListenAt,
): Promise<{ address: string; port: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ port, reusePort: isShared, ...(host === undefined ? {} : { host }) }, resolve);
  try {
    await promise;
  } catch (cause) {
    throw new ProvisionError(`cannot listen for BMCs on ${host ?? "all addresses"}, port ${port}`, {
      code: "provision-listen-failed",
      retryable: false,
      hint: "Set TRAYLOAD_PROVISION_LISTEN to an address of this host and a free port.",
      cause,
    });
  } finally {
    server.off("error", reject);
  }
  const { address, port: taken } = server.address() as AddressInfo;
  return { address, port: taken };
}

async function closeServer(server: Server, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
