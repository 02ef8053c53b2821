import type { IncomingMessage } from "node:http";
import type { ImageRequest } from "../image.ts";
import { ask, bodyOf, failed, type Network, type Reply, throwUnlessSent } from "./exchange.ts";
import { showUrl, type Part, type Source, type Version } from "./source.ts";

/** Reads an image over http or https. */
export function createHttpSource(
  url: URL,
  { auth, tls }: Pick<ImageRequest, "auth" | "tls">,
  network: Network,
): Source {
  const shown = showUrl(url);
  const target = { ...network, url, shown, authorization: authorizationOf(auth), trust: tls };
  return {
    shown,
    async open(from, version, signal) {
      const headers: Record<string, string> =
        from === 0 ? {} : { range: `bytes=${from}-`, ...ifRange(version) };
      return partOf(await ask({ ...target, headers }, signal), shown, from);
    },
    async isUnchanged(version, signal) {
      const headers = { range: "bytes=0-0", ...conditions(version) };
      try {
        const { response, stream } = await ask({ ...target, headers }, signal);
        stream.destroy();
        return response.statusCode === 304;
      } catch {
        return false;
      }
    },
    /** One byte of it by GET, since signed URLs often refuse HEAD. */
    async probe(signal) {
      const reply = await ask({ ...target, headers: { range: "bytes=0-0" } }, signal);
      const { response, stream } = reply;
      stream.destroy();
      const total = /\/(\d+)$/.exec(response.headers["content-range"] ?? "")?.[1];
      if (response.statusCode === 416)
        return { sizeBytes: Number(total ?? 0), acceptsRanges: true, version: null };
      throwUnlessSent(reply, shown);
      const length = total ?? response.headers["content-length"];
      return {
        sizeBytes: length === undefined ? null : Number(length),
        acceptsRanges: response.statusCode === 206,
        version: versionOf(response.headers),
      };
    },
  };
}

/** The bytes of an answer, as those from some offset on. */
export function partOf(reply: Reply, shown: string, from: number): Part {
  const close = async (): Promise<void> => void reply.stream.destroy();
  try {
    return { ...readHead(reply, shown, from), body: bodyOf(reply, shown), close };
  } catch (error) {
    reply.stream.destroy();
    throw error;
  }
}

/** Reads size, version and offset off an answer. */
function readHead(reply: Reply, shown: string, from: number): Omit<Part, "body" | "close"> {
  throwUnlessSent(reply, shown);
  const { headers, statusCode } = reply.response;
  const version = versionOf(headers);
  const resumes = headers["accept-ranges"] === "bytes" || statusCode === 206;
  if (statusCode !== 206) {
    const length = headers["content-length"];
    return { offset: 0, sizeBytes: length === undefined ? null : Number(length), version, resumes };
  }
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers["content-range"] ?? "") ?? [];
  if (Number(start) !== from)
    throw failed(shown, "was answered with another range than asked for", {
      code: "image-unreachable",
      retryable: true,
    });
  return { offset: from, sizeBytes: total === "*" ? null : Number(total), version, resumes };
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

/** RFC 7617 and RFC 6750. */
export function authorizationOf(auth: ImageRequest["auth"]): string | undefined {
  if (auth === undefined) return undefined;
  if ("bearer" in auth) return `Bearer ${auth.bearer}`;
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
}
