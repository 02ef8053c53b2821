import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { RedfishError, type RedfishErrorCode } from "./errors.ts";
import { type Answer, type Exchange, type Method, sendOnce } from "./exchange.ts";
import { type OnExchange, openReport } from "./exchange-report.ts";
import type { TimeLeft } from "./time-left.ts";
import { createBmcAgents, type OfferedCertificate, type TlsMode } from "./tls.ts";

export type { Answer, Exchange, Method } from "./exchange.ts";
export type { ExchangeReport, OnExchange } from "./exchange-report.ts";

/** How to reach one BMC. */
export interface ClientOptions {
  /** Scheme, host and port; anything behind them is ignored. */
  address: string;
  tls: TlsMode;
  /** Limit for one exchange, in milliseconds; 60 s by default. */
  timeoutMs?: number;
  /** Limit until the connection stands, in milliseconds; 10 s by default. */
  connectMs?: number;
  /** Largest answer taken, in bytes; 8 MiB by default (the largest `$metadata` recorded is 0.4 MB). */
  maxBodyBytes?: number;
  gate?: Gate;
  onExchange?: OnExchange;
  /** Who is to be told of a request that goes out now; in place of `onExchange`. */
  hearer?: () => OnExchange | undefined;
  /** The trace that a request belongs to that goes out now. */
  traced?: () => string | undefined;
  onTimed?: OnTimed;
}

/** Told of every request, repeats too, without the cost of a report; must not throw. */
export type OnTimed = (request: {
  method: Method;
  /** Undefined where no answer came. */
  status: number | undefined;
  errorCode: RedfishErrorCode | undefined;
  ms: number;
}) => void;

/** Admits requests to one origin. */
export interface Gate {
  /**
   * @param isSlow whether it may take longer than others, so that it must leave them a way through
   * @returns what must be called when the request is over
   * @throws RedfishError to refuse it
   */
  enter(isSlow: boolean): Promise<(error?: unknown) => Promise<void>>;
}

/** Sends one request to a BMC, with or without credentials. */
export interface Sender {
  /** @throws RedfishError for everything that is not a 2xx answer with readable JSON */
  send(method: Method, path: string, exchange?: Exchange): Promise<Answer>;
}

/** Speaks HTTP to one BMC, without credentials of its own. */
export interface RedfishClient extends Sender {
  /** Our address on the connection of the last answer, without the IPv4-mapped prefix. */
  localAddress(): string | undefined;
  /** The certificate of the newest TLS connection, refused ones too; undefined before the first. */
  offered(): OfferedCertificate | undefined;
  /** Closes the kept connections. */
  close(): void;
}

const TRIES = 3;
const FIRST_PAUSE_MS = 250;
/** A longer wish is left to the step, which parks instead of sleeping. */
const LONGEST_PAUSE_MS = 5_000;
const OPEN_GATE: Gate = { enter: async () => async () => undefined };

/** Makes the client of one BMC. With exchange.ts and tls.ts it is all of this room that touches the network. */
export function createRedfishClient(options: ClientOptions): RedfishClient {
  const origin = new URL(options.address).origin;
  const { timeoutMs = 60_000, connectMs = 10_000, maxBodyBytes = 8 * 1024 * 1024 } = options;
  const gate = options.gate ?? OPEN_GATE;
  let offered: OfferedCertificate | undefined;
  const agents = createBmcAgents(options.tls, connectMs, (shown) => (offered = shown));
  let localAddress: string | undefined;
  const onAnswered = (address: string | undefined) => {
    localAddress = address?.replace(/^::ffff:(?=\d+\.)/, "") ?? localAddress;
  };

  async function attempt(method: Method, path: string, exchange: Exchange): Promise<Answer> {
    const url = resolve(origin, path);
    const limitMs = limitOf(method, exchange, timeoutMs);
    const leave = await gate.enter(limitMs() > timeoutMs);
    const sent = withTrace(exchange, options.traced?.());
    const report = openReport(method, url, sent, (options.hearer ?? (() => options.onExchange))());
    const startedAt = performance.now();
    const timed = (status?: number, errorCode?: RedfishErrorCode) =>
      options.onTimed?.({ method, status, errorCode, ms: performance.now() - startedAt });
    try {
      const own = { timeoutMs: limitMs(), maxBodyBytes: exchange.maxBodyBytes ?? maxBodyBytes };
      if (own.timeoutMs < 1) throw notSentInTime(method, url);
      const way = { agents, connectMs, onAnswered, onBody: report.hear, ...own };
      const answer = await sendOnce(method, url, sent, way);
      report.close(answer.status);
      timed(answer.status);
      await leave();
      return answer;
    } catch (error) {
      report.close(error);
      if (error instanceof RedfishError) timed(error.status, error.code);
      await leave(error);
      throw error;
    }
  }

  return {
    localAddress: () => localAddress,
    offered: () => offered,
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
    async send(method, path, exchange = {}) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt(method, path, exchange);
        } catch (error) {
          const pauseMs = pauseBeforeRepeat(error, method, tries);
          if (pauseMs === undefined) throw error;
          await delay(pauseMs);
        }
      }
    },
  };
}

/**
 * Resolves a link of the BMC. Some give whole URLs by a name or an address of their own that we were not given (behind address
 * translation, say): what is meant is asked for where we were told that the BMC is, so our credentials go nowhere else.
 */
function resolve(origin: string, path: string): URL {
  const url = new URL(path, origin);
  if (url.origin === origin) return url;
  if (url.pathname.startsWith("/redfish/")) return new URL(url.pathname + url.search, origin);
  throw new RedfishError(`${origin} names ${url.origin}, which is another host`, {
    code: "bmc-answer-unreadable",
    retryable: false,
    hint: "Give the address under which the BMC knows itself, or correct the BMC's host name.",
  });
}

/** Each request is a part of its trace by an id of its own. */
function withTrace(exchange: Exchange, traceparent: string | undefined): Exchange {
  if (traceparent === undefined) return exchange;
  const [version, traceId, , flags] = traceparent.split("-");
  const own = [version, traceId, randomBytes(8).toString("hex"), flags].join("-");
  return { ...exchange, headers: { ...exchange.headers, traceparent: own } };
}

/** How long an exchange may take, by the time at which that is asked. */
function limitOf(method: Method, exchange: Exchange, clientsMs: number): TimeLeft {
  const { timeoutMs = clientsMs, leftMs } = exchange;
  if (leftMs === undefined) return () => timeoutMs;
  return method === "GET" ? () => Math.min(timeoutMs, leftMs()) : leftMs;
}

function notSentInTime(method: Method, url: URL): RedfishError {
  return new RedfishError(`${method} ${url.href} was not sent: its time was over before its turn came`, {
    code: "bmc-timed-out",
    retryable: true,
    hint: "This BMC is busy with other requests, or slow; the next attempt starts with a time of its own.",
  });
}

/** How long to wait before the same request may go out again; undefined when it must not. */
function pauseBeforeRepeat(error: unknown, method: Method, tries: number): number | undefined {
  if (!(error instanceof RedfishError) || !error.retryable || tries >= TRIES || error.wasHeldBack)
    return undefined;
  const surelyNotReceived = error.status === undefined && !error.mayHaveActed;
  if (method !== "GET" && !surelyNotReceived) return undefined;
  if (error.code === "bmc-answer-unreadable" || error.code === "bmc-timed-out") return undefined;
  const pauseMs = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (tries - 1);
  return pauseMs > LONGEST_PAUSE_MS ? undefined : pauseMs;
}
