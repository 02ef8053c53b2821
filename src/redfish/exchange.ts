import got, { type OptionsOfTextResponseBody, type RequestError, type Response } from "got";
import { RedfishError, type RedfishErrorCode } from "./errors.ts";
import { type ExtendedMessage, isMessage, readExtendedInfo } from "./extended-info.ts";
import { secretsOf, withSecretsOut } from "./redact.ts";
import { parseRetryAfter } from "./retry-after.ts";
import type { TimeLeft } from "./time-left.ts";
import type { createBmcAgents } from "./tls.ts";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface Exchange {
  json?: unknown;
  headers?: Record<string, string>;
  timeoutMs?: number;
  /** Time for this and other requests together. What changes something may use up all of it, beyond `timeoutMs`. */
  leftMs?: TimeLeft;
  /** Largest answer taken; the client's own limit by default. */
  maxBodyBytes?: number;
  /** What a success must hold; JSON by default. `$metadata` alone is something else. */
  expect?: "json" | "text";
  /** What else must not come back in an error, beside what the request itself holds. */
  secrets?: readonly string[];
}

/** What a BMC answered with success. `body` is parsed JSON, or undefined where there was none. */
export interface Answer {
  status: number;
  headers: Response["headers"];
  body: unknown;
}

/** How one request goes out. */
export interface Way {
  agents: ReturnType<typeof createBmcAgents>;
  connectMs: number;
  timeoutMs: number;
  maxBodyBytes: number;
  /** Told our own address on the connection that brought an answer. */
  onAnswered: (localAddress: string | undefined) => void;
  /** Told the body of the answer, whatever it is. */
  onBody: (text: string) => void;
}

/** Failures before a request can have left: these may be repeated, whatever the method. */
const NOT_SENT = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);
/** got's names of what took too long, where nothing had been sent by then. */
const BEFORE_SENT = new Set(["lookup", "connect", "secureConnect", "socket"]);

/**
 * Sends one request, once.
 *
 * @throws RedfishError for everything that is not a 2xx answer with a readable body
 */
export async function sendOnce(method: Method, url: URL, exchange: Exchange, way: Way): Promise<Answer> {
  const response = await exchangeBytes(method, url, exchange, way);
  way.onBody(response.body);
  return read(method, url, exchange, response);
}

async function exchangeBytes(
  method: Method,
  url: URL,
  exchange: Exchange,
  way: Way,
): Promise<Response<string>> {
  const tooLarge = new AbortController();
  const accept = exchange.expect === "text" ? "application/xml" : "application/json";
  const init: OptionsOfTextResponseBody = {
    method,
    responseType: "text",
    headers: { accept, "odata-version": "4.0", ...exchange.headers },
    agent: way.agents,
    timeout: { request: way.timeoutMs, connect: way.connectMs },
    retry: { limit: 0 },
    throwHttpErrors: false,
    // Compression turns the ETags of some BMCs weak (field notes, 2.1 row 44).
    decompress: false,
    followRedirect: ({ headers }) => originOf(headers.location, url) === url.origin,
    signal: tooLarge.signal,
    ...(exchange.json === undefined ? {} : { json: exchange.json }),
  };
  const request = got(url, init);
  // By the time that got reports the answer, its socket may be gone.
  void request.on("request", (sent) =>
    sent.once("response", ({ socket }) => way.onAnswered(socket.localAddress)),
  );
  void request.on("downloadProgress", ({ transferred }) => {
    if (transferred > way.maxBodyBytes) tooLarge.abort();
  });
  try {
    return await request;
  } catch (error) {
    if (tooLarge.signal.aborted) throw unreadable(method, url, `more than ${way.maxBodyBytes} bytes`);
    throw lost(method, url, error as RequestError);
  }
}

/** Turns an answer into its body, or into the error that it is. */
function read(method: Method, url: URL, exchange: Exchange, response: Response<string>): Answer {
  const parsed = parse(response.body);
  const { statusCode: status, headers } = response;
  if (status >= 200 && status < 300) {
    if (exchange.expect === "text") return { status, headers, body: response.body };
    if (parsed === UNREADABLE) throw unreadable(method, url, "a body that is not JSON", status);
    return { status, headers, body: parsed };
  }
  const secrets = [...(exchange.secrets ?? []), ...secretsOf(exchange.headers, exchange.json)];
  const messages = parsed === UNREADABLE ? [] : readExtendedInfo(parsed).map((one) => cleaned(one, secrets));
  const retryAfterMs = parseRetryAfter(headers["retry-after"], Date.now());
  const meaning = meaningOf(status, messages);
  const said = messages.map((message) => [message.id, message.text].filter(Boolean).join(": ")).join("; ");
  throw new RedfishError(`${method} ${url.href} was answered ${status}${said === "" ? "" : ` (${said})`}`, {
    ...meaning,
    hint: redirectHint(url, headers.location),
    status,
    messages,
    mayHaveActed: status >= 500 && method !== "GET" && meaning.code !== "bmc-rejected",
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** A redirect to another origin is not followed, since the credentials would follow it: a person has to decide. */
function redirectHint(url: URL, location: string | undefined): string | undefined {
  const origin = originOf(location, url);
  if (origin === undefined || origin === url.origin) return undefined;
  return `It redirects to ${origin}; give that as bmc.address if it is the BMC.`;
}

/** Where a `Location` leads; undefined where there is none that can be read. */
function originOf(location: string | undefined, from: URL): string | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) return undefined;
  return new URL(location, from).origin;
}

/** BMCs repeat what they were sent: sushy-tools, for one, quotes the image URL. */
function cleaned(message: ExtendedMessage, secrets: readonly string[]): ExtendedMessage {
  const clean = (text: string) => withSecretsOut(text, secrets);
  return {
    id: clean(message.id),
    text: clean(message.text),
    args: message.args.map(clean),
    related: message.related,
  };
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

/** Messages that mean "not now", whatever the status (field notes, 2.1 rows 3, 8, 19 and 20). */
const NOT_NOW = ["RAC0679", "SYS518", "InvalidOperationForSystemState", "UnableToModifyDuringSystemPOST"];

/** Messages that mean "not so", whatever the status: the image cannot be had, by this slot or at all (2.2, Dell). */
const NOT_SO = ["RAC0720", "RAC0904"];

function meaningOf(
  status: number,
  messages: readonly ExtendedMessage[],
): { code: RedfishErrorCode; retryable: boolean } {
  const says = (names: string[]) =>
    status >= 400 && messages.some((message) => names.some((name) => isMessage(message, name)));
  if (says(NOT_NOW)) return { code: "bmc-busy", retryable: true };
  if (says(NOT_SO)) return { code: "bmc-rejected", retryable: false };
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
  const late = error.name === "TimeoutError" ? (error as RequestError & { event: string }).event : undefined;
  const notSent = NOT_SENT.has(error.code) || (late !== undefined && BEFORE_SENT.has(late));
  const timedOut = late !== undefined && !notSent;
  const how = timedOut ? "got no answer in time" : `was cut off (${error.code})`;
  return new RedfishError(`${method} ${url.href} ${notSent ? `did not reach it (${error.code})` : how}`, {
    code: timedOut ? "bmc-timed-out" : "bmc-unreachable",
    retryable: true,
    mayHaveActed: !notSent && method !== "GET",
    hint: "Check the BMC's address, its network and that its web server is on.",
    cause: plain(error),
  });
}

/** got's own error holds the request with its credentials, which an eager logger would print. */
function plain(error: RequestError): Error {
  return Object.assign(new Error(error.message), { code: error.code });
}
