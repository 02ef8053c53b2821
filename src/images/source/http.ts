import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import got, { type Request, type RequestError } from "got";
import { ImageError } from "../errors.ts";
import type { ImageRequest } from "../store.ts";
import type { SourceRules } from "./rules.ts";
import { showUrl, type Part, type Source, type Version } from "./source.ts";

/** Longer chains are loops. */
const REDIRECTS = 10;
/** A server may think this long before its first byte, and be silent this long between two. */
const SILENCE_MS = 60_000;
const CONNECT_MS = 15_000;

/** How one image is reached. */
interface Target {
  url: URL;
  auth: ImageRequest["auth"];
  rules: SourceRules;
}

interface Reply {
  response: IncomingMessage;
  stream: Request;
}

/** Reads an image over http or https. */
export function createHttpSource(url: URL, auth: ImageRequest["auth"], rules: SourceRules): Source {
  const target = { url, auth, rules };
  return {
    shown: showUrl(url),
    async open(from, version, signal) {
      const headers = from === 0 ? {} : { range: `bytes=${from}-`, ...ifRange(version) };
      const { response, stream } = await get(target, headers, signal);
      try {
        const close = async () => void stream.destroy();
        return { ...readHead(target, response, from), body: bodyOf(target, stream), close };
      } catch (error) {
        stream.destroy();
        throw error;
      }
    },
    async isUnchanged(version, signal) {
      const headers = { range: "bytes=0-0", ...conditions(version) };
      try {
        const { response, stream } = await get(target, headers, signal);
        stream.destroy();
        return response.statusCode === 304;
      } catch {
        return false;
      }
    },
  };
}

/**
 * Asks what an image is like without taking it: one byte of it by GET, since signed URLs often refuse HEAD.
 *
 * @throws ImageError as a fetch would
 */
export async function probeHttp(
  url: URL,
  auth: ImageRequest["auth"],
  rules: SourceRules,
): Promise<{ sizeBytes: number | null; acceptsRanges: boolean }> {
  const signal = AbortSignal.timeout(SILENCE_MS);
  const target = { url, auth, rules };
  const { response, stream } = await get(target, { range: "bytes=0-0" }, signal);
  stream.destroy();
  const total = /\/(\d+)$/.exec(response.headers["content-range"] ?? "")?.[1];
  if (response.statusCode === 416) return { sizeBytes: Number(total ?? 0), acceptsRanges: true };
  throwUnlessSent(target, response);
  const length = total ?? response.headers["content-length"];
  return {
    sizeBytes: length === undefined ? null : Number(length),
    acceptsRanges: response.statusCode === 206,
  };
}

/** Follows redirects by hand: each hop is judged, and credentials stay with the image's own origin. */
async function get(target: Target, headers: Record<string, string>, signal: AbortSignal): Promise<Reply> {
  let url = target.url;
  for (let hop = 0; hop <= REDIRECTS; hop += 1) {
    target.rules.checkUrl(url);
    const own = url.origin === target.url.origin ? authorization(target.auth) : {};
    const reply = await getOnce(target, url, { ...headers, ...own }, signal);
    const { statusCode = 0, headers: answered } = reply.response;
    if (![301, 302, 303, 307, 308].includes(statusCode) || answered.location === undefined) return reply;
    reply.stream.destroy();
    if (!URL.canParse(answered.location, url.href)) break;
    url = new URL(answered.location, url);
    if (url.protocol === "file:") break;
  }
  throw failed(target, "leads from one redirect to the next and to no image", "image-unreachable", false);
}

async function getOnce(
  target: Target,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Reply> {
  const stream = got.stream(url, {
    headers: { accept: "*/*", "accept-encoding": "identity", ...headers },
    dnsLookup: target.rules.lookup,
    timeout: {
      lookup: CONNECT_MS,
      connect: CONNECT_MS,
      secureConnect: CONNECT_MS,
      response: SILENCE_MS,
      socket: SILENCE_MS,
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
    return { response, stream };
  } catch (error) {
    throw lost(target, error as RequestError);
  }
}

/** Reads size, version and offset off an answer. */
function readHead(target: Target, response: IncomingMessage, from: number): Omit<Part, "body" | "close"> {
  throwUnlessSent(target, response);
  const { headers, statusCode } = response;
  const version = versionOf(headers);
  const resumes = headers["accept-ranges"] === "bytes" || statusCode === 206;
  if (statusCode !== 206) {
    const length = headers["content-length"];
    return { offset: 0, sizeBytes: length === undefined ? null : Number(length), version, resumes };
  }
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers["content-range"] ?? "") ?? [];
  if (Number(start) !== from)
    throw failed(target, `was answered with another range than asked for`, "image-unreachable", true);
  return { offset: from, sizeBytes: total === "*" ? null : Number(total), version, resumes };
}

async function* bodyOf(target: Target, stream: Request): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw lost(target, error as RequestError);
  }
}

function throwUnlessSent(target: Target, response: IncomingMessage): void {
  const status = response.statusCode ?? 0;
  if (status === 200 || status === 206) return;
  const answered = `was answered ${status}`;
  if (status === 404 || status === 410) throw failed(target, answered, "image-not-found", false);
  if (status === 401 || status === 403) throw failed(target, answered, "image-access-denied", false);
  throw failed(
    target,
    answered,
    "image-unreachable",
    status >= 500 || status === 429 || status === 408 || status === 416,
  );
}

function versionOf(headers: IncomingMessage["headers"]): Version | null {
  const { etag, "last-modified": lastModified } = headers;
  // A weak tag promises the same meaning, not the same bytes.
  if (etag?.startsWith('"')) return { etag };
  return lastModified === undefined ? null : { lastModified };
}

function ifRange(version: Version | null): Record<string, string> {
  const validator = version?.etag ?? version?.lastModified;
  return validator === undefined ? {} : { "if-range": validator };
}

function conditions(version: Version): Record<string, string> {
  if (version.etag !== undefined) return { "if-none-match": version.etag };
  return version.lastModified === undefined ? {} : { "if-modified-since": version.lastModified };
}

function authorization(auth: ImageRequest["auth"]): Record<string, string> {
  if (auth === undefined) return {};
  if ("bearer" in auth) return { authorization: `Bearer ${auth.bearer}` };
  const pair = Buffer.from(`${auth.username}:${auth.password}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}

/** The error of an exchange that brought no answer, or not all of it. */
function lost(target: Target, error: RequestError): ImageError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof ImageError) return cause;
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_/.test(error.code ?? "");
  const what = isCertificate
    ? `offers a certificate that is not trusted (${error.code})`
    : `could not be read (${error.code ?? error.name})`;
  return failed(target, what, "image-unreachable", !isCertificate, error);
}

const HINTS: Partial<Record<ImageError["code"], string>> = {
  "image-not-found": "Check the URL; the server answers, but knows no such file.",
  "image-access-denied": "Give auth that may read the file.",
  "image-unreachable": "Check that this host reaches the server (name, network, certificate).",
};

function failed(
  target: Target,
  what: string,
  code: ImageError["code"],
  retryable: boolean,
  cause?: unknown,
): ImageError {
  const hint = HINTS[code];
  return new ImageError(`${showUrl(target.url)} ${what}`, {
    code,
    retryable,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
