import type { IncomingHttpHeaders } from "node:http";

/**
 * Judges `If-Match` and `If-None-Match` (RFC 9110, 13.2.2) for a resource that has a strong tag and no date.
 *
 * @returns the status that ends the request; undefined when it goes on
 */
export function judgePreconditions(headers: IncomingHttpHeaders, etag: string): 304 | 412 | undefined {
  const { "if-match": match, "if-none-match": noneMatch } = headers;
  if (match !== undefined && !names(match, etag)) return 412;
  return noneMatch !== undefined && names(noneMatch.replaceAll("W/", ""), etag) ? 304 : undefined;
}

/**
 * Whether `Range` counts: `If-Range` must be absent or hold this very tag (RFC 9110, 13.1.5). A date never does, since
 * none was given.
 */
export function isRangeCurrent(headers: IncomingHttpHeaders, etag: string): boolean {
  const condition = headers["if-range"];
  return condition === undefined || condition === etag;
}

function names(list: string, etag: string): boolean {
  const tags = list.split(",").map((tag) => tag.trim());
  return tags.includes("*") || tags.includes(etag);
}
