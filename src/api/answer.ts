import { createHash } from "node:crypto";
import type { Request, Response } from "express";

/** What a route answers with; `undefined` instead says that it has answered by itself (a stream). */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Each for a `Set-Cookie` of its own. */
  cookies?: readonly string[];
  /** Entity tag with its quotes; makes the answer conditional. */
  etag?: string;
  /** What it was refused for, where it is answered by a way back and not by the refusal itself. */
  refusal?: Error;
  /** The body is of this type and is sent as it is; without one it is made JSON. */
  contentType?: string;
}

/** Tag of a body whose figures of the moment (`leaveOut`) do not make it another. */
export function tagOf(version: number | null, body: unknown, leaveOut: readonly string[] = []): string {
  const text = JSON.stringify(body, (name, value: unknown) => (leaveOut.includes(name) ? undefined : value));
  const hash = createHash("sha256").update(text).digest("base64url").slice(0, 16);
  return version === null ? `W/"${hash}"` : `"${version}-${hash}"`;
}

/** Version of an `If-Match` made by `tagOf`; null for none or `*`; undefined when no version can be read from it. */
export function versionOf(ifMatch: string | undefined): number | null | undefined {
  if (ifMatch === undefined || ifMatch.trim() === "*") return null;
  const version = /^"(\d{1,15})(?:-[^"]*)?"$/.exec(ifMatch.trim())?.[1];
  return version === undefined ? undefined : Number(version);
}

/** Sends an answer, or 304 when the asker has it already. */
export function send(request: Request, response: Response, answer: Answer): void {
  if (answer.etag !== undefined) {
    response.set("etag", answer.etag);
    response.set("cache-control", "private, no-cache");
  } else {
    response.set("cache-control", "no-store");
  }
  response.set(answer.headers ?? {});
  if (answer.cookies !== undefined) response.append("set-cookie", [...answer.cookies]);
  if (answer.etag !== undefined && isKnown(request.headers["if-none-match"], answer.etag)) {
    response.status(304).end();
    return;
  }
  response.status(answer.status);
  if (answer.body === undefined) response.end();
  else if (answer.contentType !== undefined) response.type(answer.contentType).send(answer.body);
  else response.json(answer.body);
}

function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.trim() === "*" || ifNoneMatch.split(",").some((tag) => bare(tag) === bare(etag));
}
