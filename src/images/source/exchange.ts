import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import got, { type Method, type Request, type RequestError } from "got";
import { ImageError } from "../errors.ts";
import { agentsFor, type Trust } from "./agents.ts";
import { type Proxies, proxyFor } from "./proxy.ts";
import type { SourceRules } from "./rules.ts";

/** Longer chains are loops. */
const REDIRECTS = 10;
const CONNECT_MS = 15_000;

/** What every exchange with image servers has in common. */
export interface Network {
  rules: SourceRules;
  proxies: Proxies;
  /** A server may think this long before its first byte, and be silent this long between two. */
  idleMs: number;
}

/** One request; redirects are followed, and each is judged. */
export interface Asked extends Network {
  url: URL;
  /** For people: stands in messages. */
  shown: string;
  /** Sent to the origin of `url` only. */
  authorization?: string | undefined;
  headers?: Record<string, string>;
  method?: Method;
  body?: string | Buffer | NodeJS.ReadableStream;
  trust?: Trust | undefined;
}

export interface Reply {
  response: IncomingMessage;
  /** To be read or destroyed. */
  stream: Request;
  /** Where the answer came from in the end. */
  url: URL;
}

/** Follows redirects by hand: each hop is judged, and credentials and trust stay with the image's own origin. */
export async function ask(asked: Asked, signal: AbortSignal): Promise<Reply> {
  let { url } = asked;
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    asked.rules.checkUrl(url);
    const reply = await askOnce(asked, url, signal);
    const { statusCode = 0, headers } = reply.response;
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return reply;
    reply.stream.destroy();
    if (!URL.canParse(headers.location, url.href)) break;
    url = new URL(headers.location, url);
    if (url.protocol === "file:") break;
  }
  throw failed(asked.shown, "leads from one redirect to the next and to no image", {
    code: "image-unreachable",
    retryable: false,
  });
}

async function askOnce(asked: Asked, url: URL, signal: AbortSignal): Promise<Reply> {
  const { rules, proxies, idleMs, authorization, headers, method = "GET", body, trust = {} } = asked;
  const isOwn = url.origin === asked.url.origin;
  const isProxied = proxyFor(url, proxies) !== undefined;
  if (isProxied) await checkProxied(rules, url);
  const stream = got.stream(url, {
    method,
    headers: {
      accept: "*/*",
      "accept-encoding": "identity",
      ...headers,
      ...(isOwn && authorization !== undefined ? { authorization } : {}),
    },
    ...(body === undefined ? {} : { body }),
    agent: agentsFor(url, isOwn ? trust : authorityOf(trust), proxies, CONNECT_MS),
    ...(isProxied ? {} : { dnsLookup: rules.lookup }),
    timeout: {
      lookup: CONNECT_MS,
      connect: CONNECT_MS,
      secureConnect: CONNECT_MS,
      response: idleMs,
      socket: idleMs,
    },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    signal,
  });
  // Without a listener an error between response and reading would end the process; readers still see it.
  stream.on("error", () => {});
  try {
    const [response] = (await once(stream, "response")) as [IncomingMessage];
    return { response, stream, url };
  } catch (error) {
    throw lost(asked.shown, error as RequestError);
  }
}

/** A site's own authority signs for all of its servers; a pin is of one. */
const authorityOf = ({ ca }: Trust): Trust => (ca === undefined ? {} : { ca });

/**
 * A proxy resolves names by itself. Where we can resolve one too, the answer must be allowed; where we cannot, as in
 * networks whose only way out is the proxy, its own rules count.
 */
async function checkProxied(rules: SourceRules, { hostname }: URL): Promise<void> {
  if (isIP(hostname.replaceAll(/^\[|\]$/g, "")) !== 0) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  rules.lookup(hostname, { all: true }, (error) => (error instanceof ImageError ? reject(error) : resolve()));
  await promise;
}

/** The bytes of an answer. */
export async function* bodyOf({ stream }: Reply, shown: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw lost(shown, error as RequestError);
  }
}

/** The whole of a small answer. @throws ImageError `image-too-large` beyond `most` bytes */
export async function readText(reply: Reply, shown: string, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of bodyOf(reply, shown)) {
      bytes += chunk.length;
      if (bytes > most)
        throw failed(shown, `answers with more than ${most} bytes`, {
          code: "image-too-large",
          retryable: false,
        });
      chunks.push(chunk);
    }
  } finally {
    reply.stream.destroy();
  }
  return Buffer.concat(chunks);
}

const NO_TLS = { what: "is on a server that does not speak TLS as we do", retryable: false };

/** What the codes of Node and OpenSSL mean; the cause keeps the code itself. */
const LOST: Record<string, { what: string; retryable: boolean }> = {
  ENOTFOUND: { what: "is on a host whose name is not known", retryable: false },
  EAI_AGAIN: { what: "is on a host whose name could not be looked up", retryable: true },
  ECONNREFUSED: { what: "is on a host where nobody listens", retryable: true },
  EPROTO: NO_TLS,
  // An answer in plain HTTP.
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_UNSUPPORTED_PROTOCOL: NO_TLS,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: NO_TLS,
};

/** The error of an exchange that brought no answer, or not all of it. */
export function lost(shown: string, error: RequestError): ImageError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof ImageError) return cause;
  const { what, retryable } = LOST[error.code ?? ""] ?? { what: "could not be read", retryable: true };
  // The client wraps the error of the socket into one of the same words.
  const isWrapped = error.cause instanceof Error && error.cause.message === error.message;
  const cause = isWrapped ? error.cause : error;
  return failed(shown, what, { code: "image-unreachable", retryable, cause });
}

const STATUS: Record<number, { code: ImageError["code"]; retryable: boolean }> = {
  401: { code: "image-access-denied", retryable: false },
  403: { code: "image-access-denied", retryable: false },
  404: { code: "image-not-found", retryable: false },
  408: { code: "image-unreachable", retryable: true },
  410: { code: "image-not-found", retryable: false },
  416: { code: "image-unreachable", retryable: true },
  429: { code: "image-unreachable", retryable: true },
};

/** @throws ImageError unless the answer holds what was asked for */
export function throwUnlessSent({ response }: Reply, shown: string, ...more: number[]): void {
  const { statusCode: status = 0, headers } = response;
  if (status === 200 || status === 206 || more.includes(status)) return;
  const known = STATUS[status] ?? { code: "image-unreachable", retryable: status >= 500 };
  const retryAfterMs = known.retryable ? readRetryAfter(headers["retry-after"]) : undefined;
  throw failed(shown, `was answered ${status}`, {
    ...known,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** RFC 9110, 10.2.3: seconds or a date; what is neither is passed over. */
function readRetryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : undefined;
}

const HINTS: Partial<Record<ImageError["code"], string>> = {
  "image-not-found": "Check the URL; the server answers, but knows no such file.",
  "image-access-denied": "Give auth that may read the file.",
  "image-unreachable": "Check that this host reaches the server (name, network, certificate).",
};

export function failed(
  shown: string,
  what: string,
  facts: { code: ImageError["code"]; retryable: boolean; cause?: unknown; retryAfterMs?: number },
): ImageError {
  const hint = HINTS[facts.code];
  return new ImageError(`${shown} ${what}`, { ...facts, ...(hint === undefined ? {} : { hint }) });
}
