import got, { type OptionsOfTextResponseBody, type RequestError, type Response } from "got";
import { setTimeout as delay } from "node:timers/promises";
import { RedfishError, type RedfishErrorCode } from "./errors.ts";
import { readExtendedInfo } from "./extended-info.ts";
import { parseRetryAfter } from "./retry-after.ts";
import { createBmcAgents, type TlsMode } from "./tls.ts";

/** How to reach one BMC. */
export interface ClientOptions {
  /** Scheme, host and port; anything behind them is ignored. */
  address: string;
  tls: TlsMode;
  /** Limit for one exchange, in milliseconds; 60 s by default. */
  timeoutMs?: number;
  /** Largest answer taken, in bytes; 8 MiB by default (the largest `$metadata` recorded is 0.4 MB). */
  maxBodyBytes?: number;
}

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface Exchange {
  json?: unknown;
  headers?: Record<string, string>;
  timeoutMs?: number;
}

/** What a BMC answered with success. `body` is parsed JSON, or undefined where there was none. */
export interface Answer {
  status: number;
  headers: Response["headers"];
  body: unknown;
}

/** Sends one request to a BMC, with or without credentials. */
export interface Sender {
  /** @throws RedfishError for everything that is not a 2xx answer with readable JSON */
  send(method: Method, path: string, exchange?: Exchange): Promise<Answer>;
}

/** Speaks HTTP to one BMC, without credentials of its own. */
export interface RedfishClient extends Sender {
  /** Closes the kept connections. */
  close(): void;
}

const TRIES = 3;
const FIRST_PAUSE_MS = 250;
/** A longer wish is left to the step, which parks instead of sleeping. */
const LONGEST_PAUSE_MS = 5_000;
/** Failures before a request can have left: these may be repeated, whatever the method. */
const NOT_SENT = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);

/** Makes the client of one BMC. It is the only place of this room that touches the network. */
export function createRedfishClient(options: ClientOptions): RedfishClient {
  const origin = new URL(options.address).origin;
  const agents = createBmcAgents(options.tls);

  async function sendOnce(method: Method, path: string, exchange: Exchange): Promise<Answer> {
    const url = resolve(origin, path);
    const limits = {
      timeoutMs: exchange.timeoutMs ?? options.timeoutMs ?? 60_000,
      maxBodyBytes: options.maxBodyBytes ?? 8 * 1024 * 1024,
    };
    const response = await exchangeBytes(method, url, exchange, { agents, ...limits });
    return read(method, url, response);
  }

  return {
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
    async send(method, path, exchange = {}) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await sendOnce(method, path, exchange);
        } catch (error) {
          const pauseMs = pauseBeforeRepeat(error, method, attempt);
          if (pauseMs === undefined) throw error;
          await delay(pauseMs);
        }
      }
    },
  };
}

/** Resolves a link of the BMC; one that leads to another origin is refused, since our credentials would follow it. */
function resolve(origin: string, path: string): URL {
  const url = new URL(path, origin);
  if (url.origin === origin) return url;
  throw new RedfishError(`${origin} names ${url.origin}, which is another host`, {
    code: "bmc-answer-unreadable",
    retryable: false,
    hint: "Give the address under which the BMC knows itself, or correct the BMC's host name.",
  });
}

interface Limits {
  agents: ReturnType<typeof createBmcAgents>;
  timeoutMs: number;
  maxBodyBytes: number;
}

async function exchangeBytes(
  method: Method,
  url: URL,
  exchange: Exchange,
  limits: Limits,
): Promise<Response<string>> {
  const tooLarge = new AbortController();
  const init: OptionsOfTextResponseBody = {
    method,
    responseType: "text",
    headers: { accept: "application/json", "odata-version": "4.0", ...exchange.headers },
    agent: limits.agents,
    timeout: { request: limits.timeoutMs },
    retry: { limit: 0 },
    throwHttpErrors: false,
    // Compression turns the ETags of some BMCs weak (field notes, 2.1 row 44).
    decompress: false,
    followRedirect: (response) => new URL(response.headers.location ?? "", url).origin === url.origin,
    signal: tooLarge.signal,
    ...(exchange.json === undefined ? {} : { json: exchange.json }),
  };
  const request = got(url, init);
  void request.on("downloadProgress", ({ transferred }) => {
    if (transferred > limits.maxBodyBytes) tooLarge.abort();
  });
  try {
    return await request;
  } catch (error) {
    if (tooLarge.signal.aborted) throw unreadable(method, url, `more than ${limits.maxBodyBytes} bytes`);
    throw lost(method, url, error as RequestError);
  }
}

/** Turns an answer into its JSON, or into the error that it is. */
function read(method: Method, url: URL, response: Response<string>): Answer {
  const parsed = parse(response.body);
  const { statusCode: status, headers } = response;
  if (status >= 200 && status < 300) {
    if (parsed === UNREADABLE) throw unreadable(method, url, "a body that is not JSON", status);
    return { status, headers, body: parsed };
  }
  const messages = parsed === UNREADABLE ? [] : readExtendedInfo(parsed);
  const retryAfterMs = parseRetryAfter(headers["retry-after"], Date.now());
  const said = messages.map((message) => [message.id, message.text].filter(Boolean).join(": ")).join("; ");
  throw new RedfishError(`${method} ${url.href} was answered ${status}${said === "" ? "" : ` (${said})`}`, {
    ...meaningOf(status),
    status,
    messages,
    mayHaveActed: status >= 500 && method !== "GET",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

const UNREADABLE = Symbol("unreadable");

function parse(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return UNREADABLE;
  }
}

function meaningOf(status: number): { code: RedfishErrorCode; retryable: boolean } {
  if (status === 401 || status === 403) return { code: "bmc-access-denied", retryable: false };
  if (status === 404) return { code: "bmc-not-found", retryable: false };
  if (status === 405 || status === 501) return { code: "bmc-unsupported", retryable: false };
  if (status === 409 || status === 429 || status === 503) return { code: "bmc-busy", retryable: true };
  return status >= 500 ? { code: "bmc-failed", retryable: true } : { code: "bmc-rejected", retryable: false };
}

function unreadable(method: Method, url: URL, what: string, status?: number): RedfishError {
  return new RedfishError(`${method} ${url.href} was answered with ${what}`, {
    code: "bmc-answer-unreadable",
    retryable: true,
    mayHaveActed: method !== "GET",
    hint: "Check that the address is a Redfish service and not a proxy or the BMC's web page.",
    ...(status === undefined ? {} : { status }),
  });
}

/** The error of an exchange that brought no answer. */
function lost(method: Method, url: URL, error: RequestError): RedfishError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof RedfishError) return cause;
  const timedOut = error.name === "TimeoutError";
  const how = timedOut ? "got no answer in time" : `was cut off (${error.code})`;
  const notSent = NOT_SENT.has(error.code);
  return new RedfishError(`${method} ${url.href} ${notSent ? `did not reach it (${error.code})` : how}`, {
    code: timedOut ? "bmc-timed-out" : "bmc-unreachable",
    retryable: true,
    mayHaveActed: !notSent && method !== "GET",
    hint: "Check the BMC's address, its network and that its web server is on.",
    cause: error,
  });
}

/** How long to wait before the same request may go out again; undefined when it must not. */
function pauseBeforeRepeat(error: unknown, method: Method, attempt: number): number | undefined {
  if (!(error instanceof RedfishError) || !error.retryable || attempt >= TRIES) return undefined;
  const surelyNotReceived = error.status === undefined && !error.mayHaveActed;
  if (method !== "GET" && !surelyNotReceived) return undefined;
  if (error.code === "bmc-answer-unreadable" || error.code === "bmc-timed-out") return undefined;
  const pauseMs = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return pauseMs > LONGEST_PAUSE_MS ? undefined : pauseMs;
}
